// @ts-check
// The open thread: a reversed list, the newest message first in the DOM, older ones when scrolled up; a box to write in.
import { composer } from "./composer.js";
import { askHistory } from "./im.js";
import { draftMessage, textOf } from "./im_objects.js";
import { sendMessage } from "./sending.js";
import { attach, context, el } from "./site.js";

/** @import {Conversation, ImMessage} from "./shapes.js" */

const open = {
  /** @type {string | null} */
  id: null,
  list: el("div"),
  oldest: 0,
  more: false,
  busy: false,
  /** @type {Set<string>} */
  seen: new Set(),
  /** @type {Map<string, {message: ImMessage, row: HTMLElement}>} what was sent from here, by client id */
  pending: new Map(),
  changed: () => {},
};

/**
 * @param {HTMLElement} pane
 * @param {Conversation} talk
 * @param {HTMLElement} header
 * @param {() => void} changed is called when the list should be drawn anew
 * @param {string} [notice] the platform's own words at the end of the talk
 */
export async function openThread(pane, talk, header, changed, notice = "") {
  const list = el("div", { class: "messageMessageListlist", id: "messages", onscroll: loadOlder });
  const begun = { oldest: 0, more: false, busy: false, seen: new Set(), pending: new Map() };
  Object.assign(open, { id: talk.id, list, changed, ...begun });
  attach(list, { conversation: talk }, { up: 2 });
  attach(header, { conversation: talk }, { up: 2 });
  const box = composer(talk, { send: (text) => send(talk, text), drafted: changed });
  pane.replaceChildren(header, list, box);
  if (notice) list.append(grey(notice));
  await load(talk.id);
}

async function loadOlder() {
  const list = open.list;
  const isAtTop = list.scrollHeight - list.clientHeight + list.scrollTop < 60;
  if (!isAtTop || !open.more || open.id === null) return;
  await load(open.id);
}

/** @param {string} id */
async function load(id) {
  if (open.busy) return;
  open.busy = true;
  const { messages, more } = await askHistory(id, open.oldest);
  open.busy = false;
  if (open.id !== id) return;
  open.more = more;
  open.oldest = messages.at(-1)?.place ?? open.oldest;
  open.list.append(...fresh(messages).map(bubble));
}

/** @param {ImMessage[]} messages */
function fresh(messages) {
  const unseen = messages.filter((message) => !open.seen.has(message.serverId));
  for (const message of unseen) open.seen.add(message.serverId);
  return unseen;
}

/**
 * Show a message that arrives while its thread is open. One that was sent from here is shown already.
 * @param {ImMessage} message
 */
export function addLive(message) {
  if (message.conversationId !== open.id) return;
  const sent = open.pending.get(message.clientId);
  if (sent) {
    Object.assign(sent.message, message);
    settle(sent.message, sent.row, message.serverId);
    attachMessage(sent.row, sent.message);
  } else open.list.prepend(...fresh([message]).map(bubble));
}

/** @param {ImMessage} message */
function bubble(message) {
  const own = message.isFromMe ? "messageMessageBoxisFromMe" : "";
  const text = el("span", { class: "TextMessageTextpureText" }, textOf(message));
  const clickable = el(
    "div",
    { "data-e2e": "msg-item-content", class: "MessageBoxContentactiveClickArea" },
    el("div", { class: "MessageItemTextcontainer" }, text),
  );
  const side = el("div", { class: "ContentSide" });
  const line = el("div", { class: "MessageBoxContentrowBox" }, side, clickable);
  const row = el(
    "div",
    { class: "messageMessageBoxmessageBox" },
    el("div", { class: `messageMessageBoxcontentBox ${own}` }, line),
  );
  attachMessage(row, message);
  return row;
}

/**
 * Some messages hang above their row, some below it.
 * @param {HTMLElement} row
 * @param {ImMessage} message
 */
const attachMessage = (row, message) => attach(row, { message }, message.isFromMe ? { down: 2 } : { up: 2 });

/**
 * Show a message at once, and beside it that it is on its way; then what became of it.
 * @param {Conversation} talk
 * @param {string} text
 */
async function send(talk, text) {
  const message = draftMessage(talk, text, context.owner ?? "");
  const row = bubble(message);
  open.pending.set(message.clientId, { message, row });
  open.list.prepend(row);
  talk.lastMessage = message;
  talk.updatedAt = message.createdAt;
  open.changed();
  await deliver(talk, message, row);
}

/**
 * @param {Conversation} talk
 * @param {ImMessage} message
 * @param {HTMLElement} row
 */
async function deliver(talk, message, row) {
  message.flightStatus = 1;
  mark(row, "ContentSideSendStatussending", el("i", { class: "im-saas-message-spin semi-spin" }));
  const { flightStatus, serverId, words } = await sendMessage(talk, textOf(message), message.clientId);
  if (!message.serverId) {
    message.flightStatus = flightStatus;
    if (serverId && flightStatus !== -2) settle(message, row, serverId);
    else mark(row, "ContentSideSendStatusretry", "", () => deliver(talk, message, row));
  }
  attachMessage(row, message);
  if (words) open.list.prepend(grey(words));
  open.changed();
}

/** @param {string} words */
const grey = (words) => el("div", { class: "FilteredFilteredMessagefiltered" }, words);

/**
 * @param {ImMessage} message
 * @param {HTMLElement} row
 * @param {string} serverId
 */
function settle(message, row, serverId) {
  message.serverId = serverId;
  open.seen.add(serverId);
  row.querySelector(".ContentSide")?.replaceChildren();
}

/**
 * @param {HTMLElement} row
 * @param {string} name
 * @param {HTMLElement | ""} child
 * @param {() => void} [onclick]
 */
function mark(row, name, child, onclick) {
  const sign = el("span", { class: `SendStatusicon ${name}`, ...(onclick ? { onclick } : {}) }, child);
  row.querySelector(".ContentSide")?.replaceChildren(sign);
}
