// @ts-check
// The part of the thread that is shown. It grows by pages at both ends, until it reaches the newest and is live; and it
// is carried over when the thread is made new.
import { all, around, find, make, need } from "../page/dom.js";
import { isElsewhere, load, refresh } from "../page/page.js";
import { say } from "../words/words.js";
import { box, column, newest, thread } from "./messages.js";

/** @import {Extra} from "../page/page.js" */

const NEAR = "400px 0px";
const READ_AGAIN = 100; // messages at the end that are read anew with the thread; those above stay as they are
const NOWHERE = { at: "", older: "", newer: "" };

/** @type {IntersectionObserver | undefined} */
let observer;
let grown = 0; // how often the end of the part moved
/** @type {number | null} `grown` when the part was asked for again; null: another part was asked for */
let asked = 0;
let arrived = 0; // messages that came behind the part since it opened
/** @type {(arrived: number) => void} */
let reached = () => {};

/** @param {(arrived: number) => void} whenReached hears that the part reaches the newest, with so many that came meanwhile */
export function startPane(whenReached) {
  reached = whenReached;
  document.addEventListener("click", (event) => {
    const link = around(event, "#older, #newer", HTMLAnchorElement);
    if (!link || isElsewhere(event)) return;
    event.preventDefault();
    if (link.id === "older") loadOlder();
    else loadNewer();
  });
}

/** Return whether the part reaches the newest message. */
export const isJoined = () => find("newer") === null;

export function openPane() {
  arrived = 0;
  observeEnds();
}

/**
 * Return what asks for the same part again.
 * @returns {Extra}
 */
export function samePart() {
  asked = grown;
  if (isJoined()) return { ...NOWHERE, at: here("at"), joined: "1" };
  const shown = newest(column());
  return { older: "", newer: "", first: idOf(shown[0]), last: idOf(shown.at(-1)) };
}

/** Another part is asked for than the one that is shown. */
export function leavePart() {
  asked = null;
}

const here = (/** @type {string} */ name) => new URLSearchParams(location.search).get(name) ?? "";
const idOf = (/** @type {HTMLElement | undefined} */ message) => message?.id.slice("m-".length) ?? "";

export function observeEnds() {
  observer?.disconnect();
  if (!thread()) return;
  observer = new IntersectionObserver(near, { root: box(), rootMargin: NEAR });
  for (const end of [find("older"), find("newer")]) if (end) observer.observe(end);
}

/** @param {IntersectionObserverEntry[]} entries */
function near(entries) {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting) continue;
    if (target.id === "older") loadOlder();
    else loadNewer();
  }
}

// -- further pages

async function loadOlder() {
  const end = find("older");
  const source = end && (await loadFrom(end, { older: end.dataset.cursor ?? "", line: "none" }));
  if (!source) return;
  if (end === document.activeElement) box().focus({ preventScroll: true }); // the link goes
  const height = box().scrollHeight;
  const { page, rest } = asPage(source);
  end.replaceWith(...rest, page);
  dropRepeatedDays();
  box().scrollTop += box().scrollHeight - height;
  observeEnds();
}

async function loadNewer() {
  const end = find("newer");
  const line = find("line") ? "none" : "";
  const source = end && (await loadFrom(end, { newer: end.dataset.cursor ?? "", line }));
  if (!source) return;
  const pane = column();
  if (end === document.activeElement) box().focus({ preventScroll: true });
  const further = all(source, ":scope > :not(#top, #older, .start)");
  noteArrived(source, further.filter((child) => child.id.startsWith("m-")).length);
  for (const old of all(pane, ":scope > :is(#newer, #newest, .missing)")) old.remove();
  pane.append(...further);
  grown += 1;
  boxAbove();
  dropRepeatedDays();
  showArrived();
  observeEnds();
  if (!isJoined()) return;
  reached(arrived);
  arrived = 0;
  refresh();
}

/**
 * Return the column of a page behind an end of the part. Null: it could not be read, or the end is another one by now.
 * @param {HTMLElement} end
 * @param {Extra} extra
 */
async function loadFrom(end, extra) {
  const { cursor, loading } = end.dataset;
  const open = thread();
  if (loading) return null;
  end.dataset.loading = "true";
  try {
    const source = await load(location.href, { part: "messages", extra: { ...NOWHERE, ...extra } });
    if (open !== thread() || !end.isConnected || end.dataset.cursor !== cursor) return null;
    return need("column", HTMLElement, source);
  } catch {
    delete end.dataset.loading;
    return null;
  }
}

/**
 * Make a page of older ones a box of its own: thousands of messages in one box are laid out anew with each page.
 * @param {HTMLElement} source a column
 */
function asPage(source) {
  const rest = all(source, ":scope > :is(#older, .start)");
  const page = make("div", { className: "page", id: `page-${newest(source)[0]?.id}` });
  page.append(
    ...all(source, ":scope > *").filter((child) => !child.matches("#top, #older, .start, #newer, #newest, .missing")),
  );
  return { page, rest };
}

/** Put what is far above the end into a box, too. */
function boxAbove() {
  const shown = newest(column());
  const first = shown.at(-READ_AGAIN);
  if (!first || shown.length < 2 * READ_AGAIN) return;
  const page = make("div", { className: "page", id: `page-${shown[0]?.id}` });
  const above = childrenAbove(first);
  const from = above.findLastIndex((child) => child.matches(".page, #top, #older, .start")) + 1;
  first.before(page);
  page.append(...above.slice(from));
}

/** @param {HTMLElement} first */
function childrenAbove(first) {
  const children = all(column(), ":scope > *");
  return children.slice(0, children.indexOf(first));
}

function dropRepeatedDays() {
  let last = "";
  for (const day of all(column(), ".day")) {
    if (day.textContent === last) day.remove();
    last = day.textContent;
  }
}

// -- what comes behind the part meanwhile

/**
 * @param {HTMLElement} next a column, whose end is `count` messages after that of the part
 * @param {number} count
 */
function noteArrived(next, count) {
  const expected = Number(column().dataset.below) - count;
  arrived += Math.max(0, Number(next.dataset.below) - expected);
  column().dataset.below = next.dataset.below;
}

function showArrived() {
  const link = find("newest");
  if (link && arrived) link.textContent = say("below", { n: arrived });
}

// -- the thread is made new

/**
 * Carry over into `source` what the answer lacks: the pages above the part that was read again, and all of it where the
 * part has grown since it was asked for.
 * @param {Document} source
 */
export function carryOver(source) {
  const next = need("column", HTMLElement, source);
  if (asked !== null && asked !== grown) {
    next.replaceChildren(...copies(all(column(), ":scope > *")));
    next.dataset.below = column().dataset.below;
    asked = grown;
    refresh();
    return;
  }
  if (!isJoined() && idOf(newest(next).at(-1)) === idOf(newest(column()).at(-1))) noteArrived(next, 0);
  keepOlder(source, next);
  const below = find("below");
  if (below) next.append(below.cloneNode(true));
}

/** To be called when the page is as the answer was. */
export function carriedOver() {
  showArrived();
  observeEnds();
}

/**
 * An answer without older ones is the whole thread, and what it lacks is gone.
 * @param {Document} source
 * @param {HTMLElement} next its column
 */
function keepOlder(source, next) {
  if (!find("older", HTMLElement, source)) return;
  const [first] = newest(next);
  const shown = first && find(first.id);
  if (!shown || shown.parentNode !== column()) return;
  const above = childrenAbove(shown).filter((child) => child.id !== "top");
  if (!above.some((node) => node.matches(".page, [id^='m-']"))) return;
  for (const old of all(next, ":scope > :not(#top)")) {
    if (old === first) break;
    old.remove();
  }
  first.before(...copies(above));
}

/**
 * Pages stay as they are: their copies are empty.
 * @param {Element[]} children
 */
const copies = (children) => children.map((child) => child.cloneNode(!child.matches(".page")));
