// The open thread: where it opens, what is marked read, older messages, new ones while somebody reads further up.
import { Refused, readOf, write } from "../api/api.js";
import { morphById } from "../page/morph.js";
import { addPart, load, refresh } from "../page/page.js";
import { settings } from "../device/settings.js";
import { say } from "../words/words.js";

const READ_AFTER_MS = 1_000;
const NEAR_END_PX = 40;
let timer;
let observer;
let openedAt = ""; // id of the message above which the line of unread ones stands
let markedOnce = false;

export const thread = () => document.getElementById("thread");
const box = () => document.getElementById("messages");
const column = () => document.getElementById("column");

export function startThread() {
  addPart({ update, extra: () => (thread() ? { line: openedAt || "none" } : {}) });
  for (const name of ["visibilitychange", "focus", "blur"]) addEventListener(name, planRead, true);
  observer = new IntersectionObserver(([entry]) => entry.isIntersecting && loadOlder(), { rootMargin: "400px" });
  if (thread()) opened();
}

function update(source, isNewAddress) {
  if (!source.getElementById("context")) return; // comments by work: works.js
  const next = source.getElementById("thread");
  const same = Boolean(thread() && next && thread().dataset.id === next.dataset.id);
  if (!same) {
    document.getElementById("main").replaceWith(document.adoptNode(source.getElementById("main")));
    document.getElementById("context").replaceWith(document.adoptNode(source.getElementById("context")));
    if (thread()) opened();
    return;
  }
  const stays = isAtEnd();
  const before = lastId();
  if (!isNewAddress) keepOlder(source);
  else keepLine(source);
  morphById(source, "main");
  morphById(source, "context");
  observeOlder();
  if (lastId() !== before) stays ? toEnd() : offerEnd(before);
  planRead();
}

function opened() {
  const line = document.getElementById("line");
  openedAt = line?.dataset.line ?? "";
  markedOnce = false;
  if (line) box().scrollTop = line.offsetTop - box().offsetTop - box().clientHeight / 3;
  else toEnd();
  box().addEventListener("scroll", () => isAtEnd() && clearBelow(), { passive: true });
  observeOlder();
  planRead();
}

/** Those of the newest page, and what came since. */
const newest = (place = column()) => [...(place?.querySelectorAll(":scope > [id^='m-']") ?? [])];
const lastId = () => newest().at(-1)?.id ?? "";
const isAtEnd = () => Boolean(box()) && box().scrollHeight - box().scrollTop - box().clientHeight < NEAR_END_PX;

function toEnd() {
  if (box()) box().scrollTop = box().scrollHeight;
  clearBelow();
}

// -- new ones while scrolled up

function offerEnd(since) {
  const ids = newest().map((element) => element.id);
  const count = ids.length - 1 - ids.indexOf(since);
  let button = document.getElementById("below");
  if (!button) {
    button = Object.assign(document.createElement("button"), { id: "below", type: "button", className: "below" });
    button.addEventListener("click", toEnd);
    column().append(button);
  }
  button.textContent = say("below", { n: Number(button.dataset.count ?? 0) + count });
}

function clearBelow() {
  document.getElementById("below")?.remove();
  planRead();
}

// -- reading

function planRead() {
  clearTimeout(timer);
  const open = thread();
  offerReading(open);
  if (settings.readsByHand || !open || open.dataset.unread === "0" || open.dataset.mayWrite !== "true") return;
  if (document.visibilityState !== "visible" || !document.hasFocus() || (markedOnce && !isAtEnd())) return;
  timer = setTimeout(() => markRead(open), READ_AFTER_MS);
}

/** Whoever reads by hand finds there what marks as read. */
function offerReading(open) {
  if (!settings.readsByHand || !open || open.dataset.unread === "0") return;
  for (const button of open.querySelectorAll('[data-action="unread"]')) button.firstChild.textContent = `${say("mark_read")} `;
}

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

let holdsUnread = "";
/** Marked unread by hand: looking at it goes on without reading it. */
export function leaveUnread(id) {
  holdsUnread = id;
  clearTimeout(timer);
}

// -- older ones

function observeOlder() {
  observer.disconnect();
  const older = document.getElementById("older");
  if (older) observer.observe(older);
}

async function loadOlder() {
  const older = document.getElementById("older");
  const open = thread();
  if (!older || older.dataset.loading) return;
  older.dataset.loading = "true";
  try {
    const extra = { older: older.dataset.cursor, line: "none" };
    const source = await load(location.href, { part: "messages", extra });
    if (open !== thread()) return;
    const height = box().scrollHeight;
    const { page, rest } = asPage(source.getElementById("column"));
    older.replaceWith(...rest, page);
    dropRepeatedDays();
    box().scrollTop += box().scrollHeight - height;
    observeOlder();
  } catch {
    delete older.dataset.loading;
  }
}

/** A page of older ones is laid out by itself: thousands of messages in one box are laid out anew with each page. */
function asPage(source) {
  const rest = [...source.querySelectorAll(":scope > :is(#older, .start)")];
  const page = Object.assign(document.createElement("div"), { className: "page", id: `page-${newest(source)[0]?.id}` });
  page.append(...[...source.children].filter((child) => !rest.includes(child)));
  return { page, rest };
}

function dropRepeatedDays() {
  let last = "";
  for (const day of column().querySelectorAll(".day")) {
    if (day.textContent === last) day.remove();
    last = day.textContent;
  }
}

/** The server renders the newest page only: what was loaded above it is carried over, pages as they are. */
function keepOlder(source) {
  const next = source.getElementById("column");
  const [first] = newest(next);
  const here = first && document.getElementById(first.id);
  if (!here || here.parentNode !== column()) return;
  const above = [];
  for (let node = here.previousElementSibling; node; node = node.previousElementSibling) above.unshift(node);
  if (!above.some((node) => node.matches(".page, [id^='m-']"))) return;
  while (next.firstElementChild !== first) next.firstElementChild.remove();
  first.before(...above.map((node) => node.cloneNode(!node.matches(".page"))));
}

function keepLine(source) {
  openedAt = source.getElementById("line")?.dataset.line ?? "";
}
