// @ts-check
// Saved replies while one writes: / at the start of a line opens them, letters choose, Enter takes one.
import { read } from "../api/api.js";
import { all, make, needIn } from "../page/dom.js";
import { insert } from "./composer.js";
import { fieldOf, formOf, placeOf } from "./fields.js";
import { choose, fillIn, ownFirst, searchIn } from "./saved_search.js";

/** @import {SavedReply} from "../api/shapes.js" */

const FRESH_MS = 60_000;
/** @type {Map<string, {asked: Promise<SavedReply[]>, at: number}>} by account */
const known = new Map();
/** @type {HTMLFormElement | null} where somebody searches while the replies are still on their way */
let waiting = null;

export function startFinding() {
  document.addEventListener("input", (event) => {
    const form = formOf(event);
    if (form && event.target === fieldOf(form)) find(form);
  });
  document.addEventListener("keydown", (event) => {
    const form = formOf(event);
    if (!form || event.target !== fieldOf(form)) return;
    if (isOpen(form)) pressed(event, form);
    else if (form === waiting && event.key === "Enter") swallow(event); // half a search is no answer to a customer
  });
  document.addEventListener("mousedown", (event) => {
    const form = formOf(event);
    const option = event.target instanceof Element ? event.target.closest("[data-saved]") : null;
    if (!form || !(option instanceof HTMLElement)) return;
    event.preventDefault(); // the field keeps the focus
    take(form, option);
  });
  document.addEventListener("focusout", (event) => {
    const form = formOf(event);
    if (form && event.target === fieldOf(form)) close(form);
  });
}

const boxOf = (/** @type {HTMLFormElement} */ form) => needIn(form, ".found-replies");
const isOpen = (/** @type {HTMLFormElement} */ form) => !boxOf(form).hidden;
const optionsOf = (/** @type {HTMLFormElement} */ form) => all(boxOf(form), "[data-saved]");

/** @param {HTMLTextAreaElement} field */
const searched = (field) => searchIn(field.value.slice(0, field.selectionStart));

/** @param {HTMLFormElement} form */
async function find(form) {
  const field = fieldOf(form);
  if (searched(field) === null) {
    close(form);
    return;
  }
  waiting = form;
  const replies = await list(placeOf(form).account);
  waiting = null;
  const wanted = searched(field);
  if (wanted === null || document.activeElement !== field) return;
  show(form, choose(replies, wanted));
}

/** @param {string} account */
function list(account) {
  const last = known.get(account);
  if (last && Date.now() - last.at <= FRESH_MS) return last.asked;
  const asked = read(`saved-replies?count=200&account_id=${encodeURIComponent(account)}`).then(
    (answer) => ownFirst(/** @type {{saved_replies?: SavedReply[]} | undefined} */ (answer)?.saved_replies ?? []),
    () => [],
  );
  known.set(account, { asked, at: Date.now() });
  return asked;
}

/**
 * @param {HTMLFormElement} form
 * @param {SavedReply[]} replies
 */
function show(form, replies) {
  const { person = "", accountName: account = "" } = form.dataset;
  const options = replies.map((reply, index) => {
    const words = fillIn(reply.text, { person, account });
    const option = make("div", { id: `reply-found-${index}` });
    option.setAttribute("role", "option");
    option.dataset.saved = words;
    option.append(
      make("b", { textContent: reply.title, dir: "auto" }),
      make("span", { textContent: words, dir: "auto" }),
    );
    return option;
  });
  boxOf(form).replaceChildren(...options);
  boxOf(form).hidden = !options.length;
  point(form, options[0]);
}

/**
 * @param {HTMLFormElement} form
 * @param {HTMLElement | undefined} option
 */
function point(form, option) {
  for (const one of optionsOf(form)) one.setAttribute("aria-selected", String(one === option));
  option?.scrollIntoView({ block: "nearest" });
  const field = fieldOf(form);
  if (option && isOpen(form)) field.setAttribute("aria-activedescendant", option.id);
  else field.removeAttribute("aria-activedescendant");
}

/** @param {HTMLFormElement} form */
function close(form) {
  boxOf(form).hidden = true;
  point(form, undefined);
}

/**
 * @param {KeyboardEvent} event
 * @param {HTMLFormElement} form
 */
function pressed(event, form) {
  if (event.isComposing || event.keyCode === 229) return;
  const options = optionsOf(form);
  const at = options.findIndex((one) => one.ariaSelected === "true");
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key] ?? 0;
  const chosen = options[at];
  if (step) point(form, options[(at + step + options.length) % options.length]);
  else if ((event.key === "Enter" || event.key === "Tab") && chosen) take(form, chosen);
  else if (event.key === "Escape") close(form);
  else return;
  swallow(event);
}

/** @param {KeyboardEvent} event */
function swallow(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
}

/**
 * Put the words in the place of what was searched with.
 * @param {HTMLFormElement} form
 * @param {HTMLElement} option
 */
function take(form, option) {
  const field = fieldOf(form);
  const end = field.selectionStart;
  field.setSelectionRange(end - (searched(field) ?? "").length - 1, end);
  insert(form, option.dataset.saved ?? "");
  close(form);
}
