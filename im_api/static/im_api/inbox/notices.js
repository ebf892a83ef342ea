// Arrivals that are told outside the page: a soft sound, a desktop notice. One window of many does it.
import { go, isInbox, on } from "./page.js";
import { settings } from "./settings.js";
import { chime } from "./sound.js";
import { alone, isSeenElsewhere, startWindows } from "./windows.js";
import { say } from "./words.js";

const GATHER_MS = 400;
const ARRIVALS = new Set(["message.created", "discussion.created"]);
let arrived = new Map(); // id of a thread -> what is known of it and of its newest item
let timer = null;
let unread = new Map(); // account -> how many, as they were read last; none while its history is being read
let gap = null; // the same as it was when nobody told of changes any more
let isPushed = false;

export function startNotices() {
  startWindows(isOpenHere);
  unread = unreadIn(document);
  on("read", (source) => {
    unread = unreadIn(source);
    if (gap !== null) endGap();
  });
}

/** Without a push, and for what happened meanwhile, one sentence for all that is new at the next reading. */
export function setTold(value) {
  isPushed = value;
  if (!value) gap ??= unread;
}

export function heardEvent(frame) {
  if (frame.type === "reset") {
    if (!frame.initial) gap ??= unread;
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
  timer ??= setTimeout(flush, GATHER_MS);
}

/** Its row says whether it is muted, and whose it is. */
function describe(row) {
  const known = arrived.get(row.thread_id);
  if (known) arrived.set(row.thread_id, { ...known, muted: row.is_muted, person: row.person?.user_name ?? known.person });
}

async function flush() {
  timer = null;
  const told = [...arrived.values()].filter((one) => !one.muted);
  arrived = new Map();
  if (gap !== null || !told.length || !(settings.sound || settings.notices)) return;
  const unseen = [];
  for (const one of told) if (!isOpenHere(one.id) && !(await isSeenElsewhere(one.id))) unseen.push(one);
  if (unseen.length) alone(() => tell(unseen));
}

function endGap() {
  let count = 0;
  for (const [account, before] of gap) count += Math.max(0, (unread.get(account) ?? 0) - before);
  gap = isPushed ? null : unread;
  arrived = new Map();
  if (count && (settings.sound || settings.notices)) alone(() => raise(say("notice_summary", { n: count }), "", "/"));
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
