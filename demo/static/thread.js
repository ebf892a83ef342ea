// @ts-check
// The open thread: newest messages at the bottom, older ones when scrolled up, a box to write in.
import { askHistory, sendMessage } from "./im.js";
import { $, attach, context, dateText, el, picture } from "./site.js";

/** @import {Conversation, History, Message, User} from "./shapes.js" */

const open = {
  /** @type {string | null} */
  id: null,
  /** @type {string | null} id of the oldest message that is there */
  oldest: null,
  more: false,
  busy: false,
  /** @type {Set<string>} */
  seen: new Set(),
  www: false,
};

/**
 * @param {Conversation} conversation
 * @param {User} user
 * @param {boolean} www
 */
export async function openThread(conversation, user, www) {
  Object.assign(open, { id: conversation.id, oldest: null, more: false, busy: false, seen: new Set(), www });
  const list = el("div", { class: "box-content-scroll", id: "messages", onscroll: loadOlder });
  const header = el(
    "div",
    { class: "box-header-dDJtXC" },
    el("img", { src: picture(user) || null, alt: "", class: "small-avatar" }),
    el("div", { class: "box-header-name-YOi1DN" }, user.nickname ?? ""),
  );
  $("pane").replaceChildren(header, list, writer(conversation.id));
  const body = await askHistory(conversation.id);
  if (open.id !== conversation.id) return;
  if (!body.messages.length) list.append(el("div", { class: "chat-empty" }, "还没有消息"));
  remember(body);
  list.append(...fresh(body.messages).map(bubble));
  list.scrollTop = list.scrollHeight;
}

/** @param {History} body */
function remember(body) {
  open.oldest = body.messages[0]?.serverId ?? open.oldest;
  open.more = body.has_more;
}

/** @param {Message[]} messages */
function fresh(messages) {
  const unseen = messages.filter((message) => !open.seen.has(message.serverId));
  for (const message of unseen) open.seen.add(message.serverId);
  return unseen;
}

async function loadOlder() {
  const list = $("messages");
  if (list.scrollTop > 60 || !open.more || open.busy || open.id === null) return;
  open.busy = true;
  const id = open.id;
  const body = await askHistory(id, open.oldest);
  open.busy = false;
  if (open.id !== id) return;
  remember(body);
  const before = list.scrollHeight;
  list.prepend(...fresh(body.messages).map(bubble));
  list.scrollTop += list.scrollHeight - before;
}

/**
 * Show a message that arrives, or changes, while its thread is open.
 * @param {Message} message
 */
export function addLive(message) {
  const list = $("messages");
  if (open.seen.has(message.serverId)) {
    list.querySelector(`[data-place="${message.serverId.slice(-8)}"]`)?.replaceWith(bubble(message));
    return;
  }
  list.querySelector(".chat-empty")?.remove();
  list.append(...fresh([message]).map(bubble));
  list.scrollTop = list.scrollHeight;
}

/** @param {Message} message */
function bubble(message) {
  const created = new Date(message.createdAt);
  const full = open.www ? { ...message, createdAt: created } : message;
  const notice = message.content.aweType === 701;
  const side = notice ? "system" : message.isFromMe ? "is-me-TJHr4A" : "";
  const face = message.isFromMe ? context.ownerAvatar : message.avatar;
  const row = el(
    "div",
    { class: `box-item-dSA1TJ ${side}`, "data-place": message.serverId.slice(-8) },
    notice ? null : el("img", { src: face, alt: "", class: "small-avatar" }),
    el(
      "div",
      { class: "box-item-message" },
      el("pre", { class: "text-item-message-YBtflz" }, textOf(message)),
      el("div", { class: "time-Za5gKL muted" }, dateText(created.getTime() / 1000)),
    ),
  );
  // Some hang above their row, some below it.
  attach(row, { message: full }, message.isFromMe ? { down: 2 } : { up: 2 });
  return row;
}

/** @param {Message} message */
function textOf(message) {
  if (message.is_recalled) return "消息已撤回";
  const { text, msgHint, display_name } = message.content;
  return text || msgHint || `[${display_name}]`;
}

/** @param {string} id of a conversation */
function writer(id) {
  const input = el("div", { contenteditable: "true", class: "chat-input-dccKiL", placeholder: "发送消息" });
  const label = el("span", { class: "semi-button-content" }, "发送");
  const button = el("button", { class: "semi-button primary", disabled: "" }, label);
  const box = el("div", { class: "chat-editor" }, input, button);
  const send = async () => {
    const text = input.textContent.trim();
    if (!text) return;
    button.disabled = true;
    const body = await sendMessage(id, text);
    if (body.blocked) box.append(el("div", { role: "alert", class: "toast-error" }, body.blocked));
    else input.textContent = "";
  };
  input.addEventListener("input", () => {
    button.disabled = !input.textContent.trim();
  });
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey) return;
    event.preventDefault();
    send();
  });
  button.addEventListener("click", send);
  return box;
}
