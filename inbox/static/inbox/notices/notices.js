// Arrivals that are told outside the page: a soft sound, a desktop notice. One window of many does it.
import { go, isInbox, on } from "../page/page.js";
import { settings } from "../device/settings.js";
import { chime } from "./sound.js";
import { isSeenElsewhere, onlyOne, startWindows } from "./windows.js";
import { say } from "../words/words.js";

const GATHER_MS = 400;
const ALONE_MS = 8_000; // without a push for so long, readings are all there is
const ARRIVALS = new Set(["message.created", "discussion.created"]);
let arrived = new Map(); // id of a thread -> what is known of it and of its newest item
let timer = null;
let unread = new Map(); // account -> how many, as they were read last; none while its history is being read
let gap = null; // the same as it was when nobody told of changes any more
let reset = new Set(); // accounts of which the hub does not know any more what happened
let isTold = false;
let alone = null; // since when the hub can be read, and tells nothing

export function startNotices() {
  startWindows(isOpenHere);
  unread = unreadIn(document);
  on("read", (source) => {
    unread = unreadIn(source);
    if (gap !== null) endGap();
  });
}

/** Whether the hub tells of what happens. What happened while it did not makes one notice at the next reading. */
export function setTold(value) {
  isTold = value;
  alone = null;
  if (!value) gap ??= unread;
}

export function heardEvent(frame) {
  if (frame.type === "reset") {
    if (!frame.initial) reset.add(frame.account);
    if (reset.size) gap ??= unread;
    return;
  }
  if (ARRIVALS.has(frame.kind) && isNew(frame.data)) note(frame.data, frame.account);
  if (frame.kind === "thread.updated") describe(frame.data);
}

const isNew = (item) => item.direction === "inbound" && item.is_read === false && !item.is_deleted;

function threadOf(item) {
  return item.conversation_id ?? item.parent_comment_id ?? item.discussion_id;
}

function note(item, account) {
  const id = threadOf(item);
  const known = arrived.get(id) ?? { id, account, count: 0, muted: false };
  const by = item.sender ?? item.author;
  const person = by?.user_name ?? by?.author_name ?? null;
  arrived.set(id, { ...known, count: known.count + 1, person: person ?? known.person, text: item.content, item });
  if (gap === null) timer ??= setTimeout(flush, GATHER_MS);
}

/** Its row says whether it is muted, and whose it is. */
function describe(row) {
  const known = arrived.get(row.thread_id);
  if (known) arrived.set(row.thread_id, { ...known, muted: row.is_muted, person: row.person?.user_name ?? known.person });
}

async function flush() {
  timer = null;
  if (gap !== null) return;
  const told = take();
  if (!told.length || !(settings.sound || settings.notices)) return;
  const unseen = [];
  for (const one of told) if (!isOpenHere(one.id) && !(await isSeenElsewhere(one.id))) unseen.push(one);
  if (unseen.length) onlyOne(() => tell(unseen));
}

function take() {
  const told = [...arrived.values()].filter((one) => !one.muted);
  arrived = new Map();
  return told;
}

/** Counted by what the hub told afterwards; where it could not, by how much more is unread. */
function endGap() {
  alone ??= Date.now();
  if (!isTold && Date.now() - alone < ALONE_MS) return;
  const byEvents = take().filter((one) => !reset.has(one.account));
  let count = byEvents.reduce((sum, one) => sum + one.count, 0);
  for (const [account, before] of gap) {
    if (!isTold || reset.has(account)) count += Math.max(0, (unread.get(account) ?? 0) - before);
  }
  gap = isTold ? null : unread;
  reset = new Set();
  if (count && (settings.sound || settings.notices)) onlyOne(() => raise(say("notice_summary", { n: count }), "", "/"));
}

function unreadIn(source) {
  const accounts = [...source.querySelectorAll("#rail .account")].filter((one) => one.dataset.kind !== "reading");
  return new Map(accounts.map((one) => [one.dataset.account, Number(one.dataset.unread)]));
}

function isOpenHere(id) {
  const thread = document.getElementById("thread");
  return document.visibilityState === "visible" && document.hasFocus() && thread?.dataset.id === id;
}

function tell(threads) {
  const count = threads.reduce((sum, one) => sum + one.count, 0);
  if (threads.length > 1) return raise(say("heard", { n: count }), "", "/");
  const [one] = threads;
  const alias = document.querySelector(`#rail [data-account="${CSS.escape(one.account)}"] .name`)?.textContent;
  const title = [one.person, alias].filter(Boolean).join(" · ");
  const text = settings.noticeText && one.text ? one.text : say("notice_text");
  return raise(title || say("notice_text"), text, `${one.item.conversation_id ? "/c/" : "/d/"}${encodeURIComponent(one.id)}`);
}

function raise(title, body, address) {
  if (settings.sound) chime();
  if (!settings.notices || !("Notification" in window) || Notification.permission !== "granted") return;
  const icon = document.querySelector('link[rel="icon"]').href;
  const notice = new Notification(title, { body, icon, tag: address, lang: document.documentElement.lang });
  notice.addEventListener("click", () => {
    window.focus();
    notice.close();
    if (isInbox(location.pathname)) go(address);
    else location.assign(address);
  });
}
