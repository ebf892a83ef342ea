// @ts-check
// Makes a part of the page like the one that the server rendered, and leaves alone what a hand is on.
import { Idiomorph } from "../vendor/idiomorph.js";

const callbacks = {
  // A menu that somebody opened stays open.
  beforeAttributeUpdated: (/** @type {string} */ name, /** @type {Element} */ element) =>
    !(name === "open" && element.tagName === "DETAILS"),
  // What somebody typed stays until the server has another value for it. So do a page of older messages, and what a
  // script alone fills.
  beforeNodeMorphed: (/** @type {Node} */ now, /** @type {Node} */ next) =>
    !isOfScript(now) && (!isTyped(now) || now.defaultValue !== givenTo(next)),
};

/** @param {Node} node */
const isOfScript = (node) => node instanceof HTMLElement && (node.classList.contains("page") || "kept" in node.dataset);

/**
 * @param {Node} node
 * @returns {node is HTMLInputElement | HTMLTextAreaElement}
 */
const isField = (node) => node instanceof HTMLInputElement || node instanceof HTMLTextAreaElement;

/**
 * @param {Node} node
 * @returns {node is HTMLInputElement | HTMLTextAreaElement}
 */
const isTyped = (node) => isField(node) && node.type !== "hidden" && node.value !== node.defaultValue;

/** @param {Node} node */
const givenTo = (node) => (isField(node) ? node.defaultValue : undefined);

/**
 * @param {Element | null} now
 * @param {Element | null} next
 */
export function morph(now, next) {
  if (!now || !next) return;
  // What is being typed stays; of anything else that has the focus this would keep the old content.
  const ignoreActiveValue = Boolean(document.activeElement?.matches("input, textarea"));
  Idiomorph.morph(now, next, { morphStyle: "outerHTML", ignoreActiveValue, callbacks });
}

/**
 * Do the same for the element of that id in the page and in `source`, a parsed answer.
 * @param {Document} source
 * @param {string} id
 */
export function morphById(source, id) {
  morph(document.getElementById(id), source.getElementById(id));
}
