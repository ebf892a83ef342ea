// @ts-check
// The open thread: where it opens, what is marked read, new messages while somebody reads further up.
import { write } from "../api/api.js";
import { readsOf } from "../api/calls.js";
import { Refused } from "../api/failures.js";
import { settings } from "../device/settings.js";
import { all, around, find, make, need } from "../page/dom.js";
import { morphById } from "../page/morph.js";
import { addPart, isElsewhere, refresh } from "../page/page.js";
import { say } from "../words/words.js";
import { box, column, newest, thread } from "./messages.js";
import { carriedOver, carryOver, isJoined, leavePart, openPane, samePart, startPane } from "./pane.js";

/** @import {Extra} from "../page/page.js" */

export { thread };

const READ_AFTER_MS = 1_000;
const NEAR_END_PX = 40;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
let openedAt = ""; // id of the message above which the line of unread ones stands
let isAtHit = false; // it opened at what was searched for, which may be far above what is unread
let wantsEnd = false; // somebody asked for the newest, which is not in the page yet
let seenTo = ""; // id of the last message that was there before those which are announced
let markedOnce = false;
let holdsUnread = ""; // id of the thread that was marked unread by hand
let path = ""; // of the open thread

export function startThread() {
  addPart({ update, extra, visitExtra: (url) => (url.pathname === path ? visitExtra(url) : {}) });
  for (const name of ["visibilitychange", "focus", "blur"]) addEventListener(name, planRead, true);
  document.addEventListener("click", (event) => {
    if (around(event, "#newest") && !isElsewhere(event)) wantsEnd = true; // page.js opens it
  });
  startPane((arrived) => {
    seenTo = newest(column()).at(-1 - arrived)?.id ?? "";
    if (arrived) offerEnd();
  });
  if (thread()) opened();
}

/** @returns {Extra} */
function extra() {
  if (!thread()) return {};
  openedAt ||= lineIn(document);
  return { ...samePart(), line: openedAt || "none" };
}

/**
 * Another address of the open thread: the part that is shown stays, unless that asks for what is not in it.
 * @param {URL} url
 * @returns {Extra}
 */
function visitExtra(url) {
  const at = url.searchParams.get("at");
  if (!wantsEnd && (!at || find(`m-${at}`))) return extra();
  leavePart();
  return openedAt ? { line: openedAt } : {};
}

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
  seenTo ||= lastId();
  carryOver(source); // also when another list opens beside it
  morphById(source, "main");
  morphById(source, "context");
  carriedOver();
  if (wantsEnd) toEnd();
  else if (isNewAddress && toFound()) clearBelow();
  else if (isJoined()) followEnd(stays);
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
  openedAt = lineIn(document);
  markedOnce = wantsEnd = isAtHit = false;
  if (toFound()) clearBelow();
  else if (line) box().scrollTop = line.offsetTop - box().offsetTop - box().clientHeight / 3;
  else toEnd();
  box().addEventListener("scroll", () => isAtEnd() && clearBelow(), { passive: true });
  openPane();
  planRead();
}

/** @param {Document} source */
const lineIn = (source) => find("line", HTMLElement, source)?.dataset.line ?? "";
const lastId = () => newest(column()).at(-1)?.id ?? "";

/** A box that left the page may still say that it scrolled. */
function isAtEnd() {
  const messages = find("messages");
  if (messages === null || !isJoined()) return false;
  return messages.scrollHeight - messages.scrollTop - messages.clientHeight < NEAR_END_PX;
}

/** Go to what was searched for, and mark it. Returns false if the thread was opened otherwise. */
function toFound() {
  const at = new URLSearchParams(location.search).get("at");
  const found = (at ? find(`m-${at}`) : null) ?? all(column(), ".found")[0];
  if (!found) return false;
  for (const old of all(column(), ".found")) old.classList.remove("found");
  found.classList.add("found");
  found.scrollIntoView({ block: "center" });
  isAtHit = true;
  return true;
}

function toEnd() {
  wantsEnd = false;
  box().scrollTop = box().scrollHeight;
  clearBelow();
}

// -- new ones while scrolled up

/** @param {boolean} stays whether the end was in sight */
function followEnd(stays) {
  if (lastId() === seenTo) {
    if (stays) box().scrollTop = box().scrollHeight; // a reply below may say more now
    return;
  }
  if (stays || !find(seenTo)) toEnd();
  else offerEnd();
}

function offerEnd() {
  const ids = newest(column()).map((element) => element.id);
  let button = find("below");
  if (!button) {
    button = make("button", { id: "below", type: "button", className: "below" });
    button.addEventListener("click", toEnd);
  }
  button.textContent = say("below", { n: ids.length - 1 - ids.indexOf(seenTo) });
  column().append(button);
}

function clearBelow() {
  find("below")?.remove();
  seenTo = lastId();
  planRead();
}

// -- reading

function planRead() {
  clearTimeout(timer);
  const open = thread();
  if (!open) return;
  offerReading(open);
  if (settings.readsByHand || open.dataset.unread === "0" || open.dataset.mayWrite !== "true") return;
  if (document.visibilityState !== "visible" || !document.hasFocus()) return;
  if (!isAtEnd() && (markedOnce || isAtHit || !isJoined())) return;
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
    for (const call of readsOf(open.dataset)) await write(...call);
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
