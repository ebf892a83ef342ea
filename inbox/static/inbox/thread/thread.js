// @ts-check
// The open thread: where it opens, what is marked read, older messages, new ones while somebody reads further up.
import { write } from "../api/api.js";
import { readOf } from "../api/calls.js";
import { Refused } from "../api/failures.js";
import { settings } from "../device/settings.js";
import { all, find, make, need } from "../page/dom.js";
import { morphById } from "../page/morph.js";
import { addPart, refresh } from "../page/page.js";
import { say } from "../words/words.js";
import { box, column, newest, thread } from "./messages.js";
import { keepOlder, observeOlder, startOlder } from "./older.js";

export { thread };

const READ_AFTER_MS = 1_000;
const NEAR_END_PX = 40;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
let openedAt = ""; // id of the message above which the line of unread ones stands
let markedOnce = false;
let holdsUnread = ""; // id of the thread that was marked unread by hand
let path = ""; // of the open thread

export function startThread() {
  addPart({ update, extra, visitExtra: (url) => (url.pathname === path ? extra() : {}) });
  for (const name of ["visibilitychange", "focus", "blur"]) addEventListener(name, planRead, true);
  startOlder();
  if (thread()) opened();
}

/** @returns {Record<string, string>} */
const extra = () => (thread() ? { line: openedAt || "none" } : {});

/**
 * @param {Document} source
 * @param {boolean} isNewAddress
 */
function update(source, isNewAddress) {
  const context = find("context", HTMLElement, source);
  if (!context) return; // comments by work: works/works.js
  const next = find("thread", HTMLElement, source);
  const isSame = next !== null && nameOf(thread()) === nameOf(next);
  if (!isSame) {
    need("main").replaceWith(document.adoptNode(need("main", HTMLElement, source)));
    need("context").replaceWith(document.adoptNode(context));
    if (thread()) opened();
    return;
  }
  const stays = isAtEnd();
  const before = lastId();
  keepOlder(source); // also when another list opens beside it
  morphById(source, "main");
  morphById(source, "context");
  observeOlder();
  if (isNewAddress && toFound()) return planRead();
  if (lastId() !== before) {
    if (stays) toEnd();
    else offerEnd(before);
  }
  planRead();
}

/**
 * An id alone may be of two accounts.
 * @param {HTMLElement | null} open
 */
const nameOf = (open) => open && `${open.dataset.account} ${open.dataset.id}`;

function opened() {
  path = location.pathname;
  const line = find("line");
  const isFound = toFound();
  openedAt = lineIn(document);
  markedOnce = false;
  if (isFound) clearBelow();
  else if (line) box().scrollTop = line.offsetTop - box().offsetTop - box().clientHeight / 3;
  else toEnd();
  box().addEventListener("scroll", () => isAtEnd() && clearBelow(), { passive: true });
  observeOlder();
  planRead();
}

/** @param {Document} source */
const lineIn = (source) => find("line", HTMLElement, source)?.dataset.line ?? "";
const lastId = () => newest(column()).at(-1)?.id ?? "";

/** A box that left the page may still say that it scrolled. */
function isAtEnd() {
  const messages = find("messages");
  return messages !== null && messages.scrollHeight - messages.scrollTop - messages.clientHeight < NEAR_END_PX;
}

/** Go to what was searched for. Returns false if the thread was opened otherwise. */
function toFound() {
  const found = column().querySelector(".found");
  found?.scrollIntoView({ block: "center" });
  return found !== null;
}

function toEnd() {
  box().scrollTop = box().scrollHeight;
  clearBelow();
}

// -- new ones while scrolled up

/** @param {string} since id of the message that was last */
function offerEnd(since) {
  const ids = newest(column()).map((element) => element.id);
  const count = ids.length - 1 - ids.indexOf(since);
  let button = find("below");
  if (!button) {
    button = make("button", { id: "below", type: "button", className: "below" });
    button.addEventListener("click", toEnd);
    column().append(button);
  }
  button.textContent = say("below", { n: Number(button.dataset.count ?? 0) + count });
}

function clearBelow() {
  find("below")?.remove();
  planRead();
}

// -- reading

function planRead() {
  clearTimeout(timer);
  const open = thread();
  if (!open) return;
  offerReading(open);
  if (settings.readsByHand || open.dataset.unread === "0" || open.dataset.mayWrite !== "true") return;
  if (document.visibilityState !== "visible" || !document.hasFocus() || (markedOnce && !isAtEnd())) return;
  timer = setTimeout(() => markRead(open), READ_AFTER_MS);
}

/**
 * Whoever reads by hand finds there what marks as read.
 * @param {HTMLElement} open
 */
function offerReading(open) {
  if (!settings.readsByHand || open.dataset.unread === "0") return;
  for (const { firstChild } of all(open, '[data-action="unread"]')) {
    if (firstChild) firstChild.textContent = `${say("mark_read")} `;
  }
}

/** @param {HTMLElement} open */
async function markRead(open) {
  if (open !== thread() || holdsUnread === open.dataset.id) return;
  markedOnce = true;
  try {
    await write(...readOf(open.dataset));
    refresh();
  } catch (error) {
    if (error instanceof Refused) open.dataset.mayWrite = "false";
  }
}

/**
 * It was marked unread by hand: looking at it goes on without reading it.
 * @param {string} id
 */
export function leaveUnread(id) {
  holdsUnread = id;
  clearTimeout(timer);
}
