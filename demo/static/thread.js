// @ts-check
// The open thread: a reversed list, the newest message first in the DOM, older ones when scrolled up; a box to write in.
import { askHistory, sendMessage } from "./im.js";
import { textOf } from "./im_objects.js";
import { $, attach, el } from "./site.js";

/** @import {Conversation, ImMessage} from "./shapes.js" */

const open = {
  /** @type {string | null} */
  id: null,
  oldest: 0,
  more: false,
  busy: false,
  /** @type {Set<string>} */
  seen: new Set(),
};

/**
 * @param {Conversation} talk
 * @param {string} name
 */
export async function openThread(talk, name) {
  Object.assign(open, { id: talk.id, oldest: 0, more: false, busy: false, seen: new Set() });
  const list = el("div", { class: "messageMessageListlist", id: "messages", onscroll: loadOlder });
  const header = el("div", { class: "RightPanelHeaderwrapper" }, el("div", { class: "RightPanelHeadertitle" }, name));
  $("pane").replaceChildren(header, list, writer(talk.id));
  await load(talk.id);
}

async function loadOlder() {
  const list = $("messages");
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
  $("messages").append(...fresh(messages).map(bubble));
}

/** @param {ImMessage[]} messages */
function fresh(messages) {
  const unseen = messages.filter((message) => !open.seen.has(message.serverId));
  for (const message of unseen) open.seen.add(message.serverId);
  return unseen;
}

/**
 * Show a message that arrives while its thread is open.
 * @param {ImMessage} message
 */
export function addLive(message) {
  $("messages").prepend(...fresh([message]).map(bubble));
}

/** @param {ImMessage} message */
function bubble(message) {
  const own = message.isFromMe ? "messageMessageBoxisFromMe" : "";
  const row = el(
    "div",
    { class: "messageMessageBoxmessageBox" },
    el(
      "div",
      { class: `messageMessageBoxcontentBox ${own}` },
      el(
        "div",
        { "data-e2e": "msg-item-content", class: "MessageBoxContentactiveClickArea" },
        el(
          "div",
          { class: "MessageItemTextcontainer" },
          el("span", { class: "TextMessageTextpureText" }, textOf(message)),
        ),
      ),
    ),
  );
  // Some hang above their row, some below it.
  attach(row, { message }, message.isFromMe ? { down: 2 } : { up: 2 });
  return row;
}

/** @param {string} id of a conversation */
function writer(id) {
  const input = el("div", {
    contenteditable: "true",
    class: "zone-container editor-kit-container messageEditorinputArea",
    placeholder: "发送消息",
  });
  const button = el("button", { class: "semi-button primary e2e-send-msg-btn", disabled: "" }, "发送");
  const box = el(
    "div",
    { class: "chat-editor messageEditorimChatEditorContainer", "data-e2e": "msg-input" },
    input,
    button,
  );
  const send = async () => {
    const text = input.textContent.trim();
    if (!text) return;
    button.disabled = true;
    const { blocked } = await sendMessage(id, text);
    if (blocked) box.append(el("div", { role: "alert", class: "toast-error ContentSideSendStatusretry" }, blocked));
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
