// @ts-check
// Arrivals that are told outside the page: a soft sound, a desktop notice. One window of many does it.
import { settings } from "../device/settings.js";
import { addressOfThread, isInbox } from "../page/addresses.js";
import { all, find, needIn } from "../page/dom.js";
import { go, on } from "../page/page.js";
import { isolate } from "../words/foreign.js";
import { say } from "../words/words.js";
import { Arrivals, countGap } from "./arrivals.js";
import { chime } from "./sound.js";
import { Windows } from "./windows.js";

/** @import {EventFrame, ResetFrame} from "../api/shapes.js" */
/** @import {Arrival} from "./arrivals.js" */

const GATHER_MS = 400;
const ALONE_MS = 8_000; // without a push for so long, readings are all there is
const arrivals = new Arrivals();
/** @type {Windows} */
let windows;
/** @type {ReturnType<typeof setTimeout> | null} */
let timer = null;
/** @type {Map<string, number>} account -> how many, as they were read last; none while its history is being read */
let unread = new Map();
/** @type {Map<string, number> | null} the same as it was when nobody told of changes any more */
let gap = null;
/** @type {Set<string>} accounts of which the hub does not know any more what happened */
let reset = new Set();
let isTold = false;
/** @type {number | null} since when the hub can be read, and tells nothing */
let alone = null;

export function startNotices() {
  windows = new Windows({ channel: new BroadcastChannel("imhub"), locks: navigator.locks, isOpenHere });
  unread = unreadIn(document);
  on("read", (source) => {
    unread = unreadIn(source);
    if (gap !== null) endGap(gap);
  });
}

/**
 * Say whether the hub tells of what happens. What happened while it did not makes one notice at the next reading.
 * @param {boolean} value
 */
export function setTold(value) {
  isTold = value;
  alone = null;
  if (!value) gap ??= unread;
}

/** @param {EventFrame | ResetFrame} frame */
export function heardEvent(frame) {
  if (frame.type === "reset") {
    if (!frame.initial) reset.add(frame.account);
    if (reset.size) gap ??= unread;
  } else if (arrivals.take(frame) && gap === null && timer === null) timer = setTimeout(flush, GATHER_MS);
}

const isWanted = () => settings.sound || settings.notices;

async function flush() {
  timer = null;
  if (gap !== null) return;
  const told = arrivals.drain();
  if (!told.length || !isWanted()) return;
  const seen = await Promise.all(told.map(({ id }) => isOpenHere(id) || windows.isSeenElsewhere(id)));
  const unseen = told.filter((_, index) => !seen[index]);
  if (unseen.length) windows.onlyOne(() => tell(unseen));
}

/** @param {ReadonlyMap<string, number>} before */
function endGap(before) {
  alone ??= Date.now();
  if (!isTold && Date.now() - alone < ALONE_MS) return;
  const count = countGap({ told: arrivals.drain(), isTold, reset, before, now: unread });
  gap = isTold ? null : unread;
  reset = new Set();
  if (count && isWanted()) windows.onlyOne(() => raise(say("notice_summary", { n: count }), "", "/"));
}

/** @param {Document} source */
function unreadIn(source) {
  const accounts = all(source, "#rail .account").filter((one) => one.dataset.kind !== "reading");
  return new Map(accounts.map((one) => [one.dataset.account ?? "", Number(one.dataset.unread)]));
}

/** @param {string} id */
function isOpenHere(id) {
  return document.visibilityState === "visible" && document.hasFocus() && find("thread")?.dataset.id === id;
}

/** @param {Arrival[]} threads at least one */
function tell(threads) {
  const [one] = threads;
  const count = threads.reduce((sum, { count }) => sum + count, 0);
  if (threads.length > 1 || !one) return raise(say("heard", { n: count }), "", "/");
  const alias = document.querySelector(`#rail [data-account="${CSS.escape(one.account)}"] .name`)?.textContent;
  const title = [one.person, alias]
    .map((name) => isolate(name ?? ""))
    .filter(Boolean)
    .join(" · ");
  const text = settings.noticeText && one.text ? one.text : say("notice_text");
  return raise(title || say("notice_text"), text, addressOfThread(one));
}

/**
 * @param {string} title
 * @param {string} body
 * @param {string} address what a click on it opens
 */
function raise(title, body, address) {
  if (settings.sound) chime();
  if (!settings.notices || !("Notification" in window) || Notification.permission !== "granted") return;
  const icon = needIn(document, 'link[rel="icon"]', HTMLLinkElement).href;
  const notice = new Notification(title, { body, icon, tag: address, lang: document.documentElement.lang });
  notice.addEventListener("click", () => {
    window.focus();
    notice.close();
    if (isInbox(location.pathname)) go(address);
    else location.assign(address);
  });
}
