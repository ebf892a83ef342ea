// The open thread: newest messages at the bottom, older ones when scrolled up, a box to write in.
import { $, attach, context, dateText, el, picture } from "./site.js";
import { askHistory, sendMessage } from "./im.js";

const open = { id: null, oldest: null, more: false, busy: false, seen: new Set(), www: false };

export async function openThread(conversation, user, www) {
  Object.assign(open, { id: conversation.id, oldest: null, more: false, busy: false, seen: new Set(), www });
  const list = el("div", { class: "box-content-scroll", id: "messages", onscroll: loadOlder });
  const header = el("div", { class: "box-header-dDJtXC" }, el("img", { src: picture(user) || null, alt: "", class: "small-avatar" }),
    el("div", { class: "box-header-name-YOi1DN" }, user.nickname ?? ""));
  $("pane").replaceChildren(header, list, writer(conversation.id));
  const body = await askHistory(conversation.id);
  if (open.id !== conversation.id) return;
  if (!body.messages.length) list.append(el("div", { class: "chat-empty" }, "还没有消息"));
  remember(body);
  list.append(...fresh(body.messages).map(bubble));
  list.scrollTop = list.scrollHeight;
}

function remember(body) {
  open.oldest = body.messages[0]?.serverId ?? open.oldest;
  open.more = body.has_more;
}

function fresh(messages) {
  const unseen = messages.filter((message) => !open.seen.has(message.serverId));
  unseen.forEach((message) => open.seen.add(message.serverId));
  return unseen;
}

async function loadOlder() {
  const list = $("messages");
  if (list.scrollTop > 60 || !open.more || open.busy) return;
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

// A message that arrives, or changes, while its thread is open.
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

function bubble(message) {
  const full = open.www ? { ...message, createdAt: new Date(message.createdAt) } : message;
  const notice = message.content.aweType === 701;
  const side = notice ? "system" : message.isFromMe ? "is-me-TJHr4A" : "";
  const row = el(
    "div", { class: `box-item-dSA1TJ ${side}`, "data-place": message.serverId.slice(-8) },
    notice ? null : el("img", { src: message.isFromMe ? context.ownerAvatar : message.avatar, alt: "", class: "small-avatar" }),
    el("div", { class: "box-item-message" }, el("pre", { class: "text-item-message-YBtflz" }, textOf(message)),
      el("div", { class: "time-Za5gKL muted" }, dateText(Date.parse(message.createdAt) / 1000))),
  );
  // Some hang above their row, some below it.
  attach(row, { message: full }, message.isFromMe ? { down: 2 } : { up: 2 });
  return row;
}

function textOf(message) {
  if (message.is_recalled) return "消息已撤回";
  return message.content.text || `[${message.content.display_name}]`;
}

function writer(id) {
  const input = el("div", { contenteditable: "true", class: "chat-input-dccKiL", placeholder: "发送消息" });
  const button = el("button", { class: "semi-button primary", disabled: "" }, el("span", { class: "semi-button-content" }, "发送"));
  const box = el("div", { class: "chat-editor" }, input, button);
  const send = async () => {
    const text = input.textContent.trim();
    if (!text) return;
    button.disabled = true;
    const body = await sendMessage(id, text);
    if (body.blocked) box.append(el("div", { role: "alert", class: "toast-error" }, body.blocked));
    else input.textContent = "";
  };
  input.addEventListener("input", () => (button.disabled = !input.textContent.trim()));
  input.addEventListener("keydown", (event) => event.key === "Enter" && !event.shiftKey && (event.preventDefault(), send()));
  button.addEventListener("click", send);
  return box;
}
