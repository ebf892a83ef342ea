// @ts-check
// The editors of private messages that have been seen, each with its own way to hold lines of text.
import { el } from "./site.js";

/** @import {Context} from "./shapes.js" */

/**
 * `root` takes the keyboard, `lines` stand in `body`. `around` is what the composer shows.
 * @typedef {{around: HTMLElement, root: HTMLElement, body: HTMLElement, line: (text: string) => HTMLElement}} Frame
 */

const PLACEHOLDER = "发送消息";
const NOTHING = "\u200b";
const NO_WIDTH = "\ufeff";

/** @returns {Frame} */
function editorKit() {
  const classes = "zone-container editor-kit-container messageEditorinputArea notranslate";
  const root = el("div", {
    contenteditable: "true",
    class: classes,
    "data-placeholder": PLACEHOLDER,
    spellcheck: "false",
  });
  const line = (/** @type {string} */ text) =>
    el("div", { class: "ace-line", "data-node": "true", dir: "auto" }, leafOfKit(text || NOTHING));
  return { around: root, root, body: root, line };
}

/** @param {string} text */
const leafOfKit = (text) => el("span", { "data-string": "true", "data-leaf": "true" }, text);

/** @returns {Frame} */
function slate() {
  const marks = { "data-slate-editor": "true", "data-slate-node": "value", role: "textbox" };
  const root = el("div", {
    contenteditable: "true",
    ...marks,
    class: "messageEditorinputArea",
    "data-placeholder": PLACEHOLDER,
  });
  const line = (/** @type {string} */ text) => {
    const string = text
      ? el("span", { "data-slate-string": "true" }, text)
      : el("span", { "data-slate-zero-width": "n", "data-slate-length": "0" }, NO_WIDTH, el("br"));
    const leaf = el("span", { "data-slate-leaf": "true" }, string);
    return el("div", { "data-slate-node": "element" }, el("span", { "data-slate-node": "text" }, leaf));
  };
  return { around: root, root, body: root, line };
}

/** @returns {Frame} */
function draftJs() {
  const body = el("div", { "data-contents": "true" });
  const classes = "notranslate public-DraftEditor-content";
  const root = el(
    "div",
    { contenteditable: "true", class: classes, role: "textbox", "data-placeholder": PLACEHOLDER },
    body,
  );
  const line = (/** @type {string} */ text) => {
    const leaf = text ? el("span", { "data-text": "true" }, text) : el("br", { "data-text": "true" });
    const block = "public-DraftStyleDefault-block public-DraftStyleDefault-ltr";
    return el(
      "div",
      { "data-block": "true" },
      el("div", { class: block }, el("span", { "data-offset-key": "0-0" }, leaf)),
    );
  };
  const inner = el("div", { class: "DraftEditor-editorContainer" }, root);
  return { around: el("div", { class: "DraftEditor-root messageEditorinputArea" }, inner), root, body, line };
}

/**
 * @param {Exclude<Context["editor"], "unknown">} kind
 * @returns {Frame}
 */
export function frameOf(kind) {
  const frame = { "editor-kit": editorKit, slate, draft: draftJs }[kind]();
  frame.root.setAttribute("aria-label", PLACEHOLDER);
  return frame;
}
