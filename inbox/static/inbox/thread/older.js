// @ts-check
// Older messages: loaded a page at a time when the start comes near, and carried over when the thread is made new.
import { all, find, make, need } from "../page/dom.js";
import { load } from "../page/page.js";
import { box, column, newest, thread } from "./messages.js";

/** @type {IntersectionObserver} */
let observer;

export function startOlder() {
  observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && loadOlder(), { rootMargin: "400px" });
}

export function observeOlder() {
  observer.disconnect();
  const older = find("older");
  if (older) observer.observe(older);
}

async function loadOlder() {
  const older = find("older");
  const open = thread();
  if (!older || older.dataset.loading) return;
  older.dataset.loading = "true";
  try {
    const extra = { older: older.dataset.cursor ?? "", line: "none" };
    const source = await load(location.href, { part: "messages", extra });
    if (open !== thread()) return;
    const height = box().scrollHeight;
    const { page, rest } = asPage(need("column", HTMLElement, source));
    older.replaceWith(...rest, page);
    dropRepeatedDays();
    box().scrollTop += box().scrollHeight - height;
    observeOlder();
  } catch {
    delete older.dataset.loading;
  }
}

/**
 * Make a page of older ones a box of its own: thousands of messages in one box are laid out anew with each page.
 * @param {HTMLElement} source a column
 */
function asPage(source) {
  const rest = all(source, ":scope > :is(#older, .start)");
  const page = make("div", { className: "page", id: `page-${newest(source)[0]?.id}` });
  page.append(...all(source, ":scope > *").filter((child) => !rest.includes(child)));
  return { page, rest };
}

function dropRepeatedDays() {
  let last = "";
  for (const day of all(column(), ".day")) {
    if (day.textContent === last) day.remove();
    last = day.textContent;
  }
}

/**
 * The server renders the newest page only: carry over what was loaded above it, pages as they are. An answer without
 * older ones is the whole thread, and what it lacks is gone.
 * @param {Document} source
 */
export function keepOlder(source) {
  if (!find("older", HTMLElement, source)) return;
  const next = need("column", HTMLElement, source);
  const [first] = newest(next);
  const here = first && find(first.id);
  if (!here || here.parentNode !== column()) return;
  /** @type {Element[]} */
  const above = [];
  for (let node = here.previousElementSibling; node; node = node.previousElementSibling) above.unshift(node);
  if (!above.some((node) => node.matches(".page, [id^='m-']"))) return;
  while (next.firstElementChild !== first) next.firstElementChild?.remove();
  first.before(...above.map((node) => node.cloneNode(!node.matches(".page"))));
}
