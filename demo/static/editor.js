// @ts-check
// An editor that knows what a person wrote: it listens to trusted input only. What a script puts into it counts for nothing.
import { frameOf } from "./editor_kinds.js";

/** @import {Context} from "./shapes.js" */
/** @import {Frame} from "./editor_kinds.js" */

const INVISIBLE = /[\u200b\ufeff]/g;

export class Editor {
  /**
   * @param {Exclude<Context["editor"], "unknown">} kind
   * @param {() => void} changed is called when the person changed the text
   */
  constructor(kind, changed) {
    /** @type {Frame} */
    this.frame = frameOf(kind);
    this.node = this.frame.around;
    this.changed = changed;
    this.text = "";
    const { root } = this.frame;
    root.addEventListener("beforeinput", (event) => this.before(event));
    root.addEventListener("input", (event) => event instanceof InputEvent && this.take(event));
    root.addEventListener("compositionend", () => this.read());
    this.write("");
  }

  /**
   * Let the text be `text`, with the caret at its end if the editor has the keyboard.
   * @param {string} text
   */
  write(text) {
    this.text = text;
    this.draw(text.length);
  }

  /**
   * Lines are the editor's own business: the browser would make them otherwise.
   * @param {InputEvent} event
   */
  before(event) {
    const pasted = event.dataTransfer?.getData("text/plain").replaceAll("\r\n", "\n") ?? event.data ?? "";
    const isBreak = event.inputType === "insertLineBreak" || event.inputType === "insertParagraph";
    const added = isBreak ? "\n" : pasted;
    if (!event.isTrusted || event.isComposing || !(isBreak || added.includes("\n") || event.dataTransfer)) return;
    event.preventDefault();
    const [from, until] = this.chosen();
    this.text = this.text.slice(0, from) + added + this.text.slice(until);
    this.draw(from + added.length);
    this.changed();
  }

  /** @param {InputEvent} event */
  take(event) {
    if (event.isTrusted && !event.isComposing) this.read();
  }

  /** Take over what the browser made of the person's input, and put it into the editor's own form. */
  read() {
    const text = plain(this.frame.root);
    const [, caret] = this.chosen();
    this.text = text;
    this.draw(caret);
    this.changed();
  }

  /** @param {number} caret place in the text */
  draw(caret) {
    const { root, body, line } = this.frame;
    const lines = this.text.split("\n").map(line);
    const wanted = lines.map((one) => one.outerHTML).join("");
    root.classList.toggle("is-empty", !this.text);
    if (body !== root && (root.firstChild !== body || root.childNodes.length > 1)) root.replaceChildren(body);
    if (body.innerHTML === wanted) return;
    body.replaceChildren(...lines);
    if (this.top.activeElement === root) this.place(caret);
  }

  /** What the editor stands in: the page, or a shadow root. */
  get top() {
    const top = this.frame.root.getRootNode();
    return top instanceof ShadowRoot ? top : document;
  }

  /** @returns {Selection | null} a shadow root has one of its own, in Chromium */
  get selection() {
    const top = /** @type {{getSelection?: () => Selection | null}} */ (this.top);
    return top.getSelection?.() ?? getSelection();
  }

  /** The places in the text where the selection begins and ends. */
  chosen() {
    const { selection } = this;
    const { root } = this.frame;
    if (!selection?.rangeCount || !root.contains(selection.anchorNode)) {
      return [this.text.length, this.text.length];
    }
    const range = selection.getRangeAt(0);
    const ends = /** @type {[Node, number][]} */ ([
      [range.startContainer, range.startOffset],
      [range.endContainer, range.endOffset],
    ]);
    return ends.map(([node, offset]) => {
      const before = document.createRange();
      before.setStart(root, 0);
      before.setEnd(node, offset);
      return plain(before.cloneContents()).length;
    });
  }

  /** @param {number} caret */
  place(caret) {
    const lines = this.text.slice(0, caret).split("\n");
    const line = this.frame.body.children[lines.length - 1];
    const column = lines.at(-1)?.length ?? 0;
    if (!line) return;
    const texts = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
    const text = texts.nextNode();
    const isEmpty = !text?.textContent?.replaceAll(INVISIBLE, "");
    if (text) this.selection?.collapse(text, isEmpty ? 1 : column);
    else this.selection?.collapse(line.querySelector("[data-offset-key]"), 0);
  }
}

/**
 * The text in an editor, or in a part of one: each block that holds no other is a line.
 * @param {Node} top
 */
export function plain(top) {
  /** @type {string[]} */
  const lines = [];
  let isNew = true;
  const write = (/** @type {string} */ text) => {
    if (isNew) lines.push("");
    isNew = false;
    lines[lines.length - 1] += text;
  };
  const walk = (/** @type {Node} */ node) => {
    if (node instanceof Text) write(node.data.replaceAll(INVISIBLE, ""));
    else if (node instanceof HTMLBRElement) write("");
    for (const child of node.childNodes) {
      const isBlock = child instanceof HTMLDivElement || child instanceof HTMLParagraphElement;
      if (isBlock) isNew = true;
      walk(child);
      if (child instanceof HTMLBRElement && child.nextSibling) isNew = true;
      if (isBlock) isNew = true;
    }
  };
  walk(top);
  return lines.join("\n");
}
