// @ts-check
// The box under a conversation: its editor, its draft, the sign to send. Only what a person types makes the sign red.
import { draftOf, keepDraft } from "./drafts.js";
import { Editor } from "./editor.js";
import { attach, context, el } from "./site.js";

/** @import {Conversation} from "./shapes.js" */

const SVG = "http://www.w3.org/2000/svg";
const PLANE = "M2 21l21-9L2 3v7l15 2-15 2z";

/**
 * @param {Conversation} talk
 * @param {{send: (text: string) => void, drafted: () => void}} heard
 */
export function composer(talk, { send, drafted }) {
  const button = sign();
  const editor = context.editor === "unknown" ? plainBox(() => turn()) : new Editor(context.editor, () => turn());
  const turn = () => {
    button.classList.toggle("messageMsgInputpublishRedBtn", editor.text.trim() !== "");
    keepDraft(talk.id, editor.text);
    drafted();
  };
  const go = () => {
    const text = editor.text.trim();
    if (!text) return;
    editor.write("");
    turn();
    send(text);
  };
  /** @type {HTMLElement} */
  const node = editor.node;
  node.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || !event.isTrusted) return;
    event.preventDefault();
    go();
  });
  button.addEventListener("click", (event) => event.isTrusted && go());
  const left = draftOf(talk.id);
  if (left) editor.write(left);
  button.classList.toggle("messageMsgInputpublishRedBtn", left.trim() !== "");
  return boxOf(talk, editor.node, button);
}

/**
 * @param {Conversation} talk
 * @param {HTMLElement} editor
 * @param {SVGElement} button
 */
function boxOf(talk, editor, button) {
  const isKnown = context.editor !== "unknown";
  const mark = isKnown ? { "data-e2e": "msg-input" } : { "data-e2e": "msg-box" };
  const name = isKnown ? "messageEditorimChatEditorContainer" : "messageComposerNext";
  const box = el("div", { class: `chat-editor ${name}`, ...mark }, editor, button);
  attach(box, { conversation: talk }, { up: 2 });
  return box;
}

function sign() {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "messageMsgInputpublishBtn e2e-send-msg-btn");
  svg.setAttribute("viewBox", "0 0 24 24");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PLANE);
  svg.append(path);
  return svg;
}

/**
 * An editor as nobody has seen one yet.
 * @param {() => void} changed
 */
function plainBox(changed) {
  const node = el("textarea", { placeholder: "发送消息" });
  const box = {
    node,
    text: "",
    /** @param {string} text */
    write(text) {
      box.text = text;
      node.value = text;
    },
  };
  node.addEventListener("input", (event) => {
    if (!event.isTrusted) return;
    box.text = node.value;
    changed();
  });
  return box;
}
