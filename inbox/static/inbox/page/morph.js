// Makes a part of the page like the one that the server rendered, and leaves alone what a hand is on.
import { Idiomorph } from "../vendor/idiomorph.js";

const callbacks = {
  // A menu that somebody opened stays open.
  beforeAttributeUpdated: (name, element) => !(name === "open" && element.tagName === "DETAILS"),
  // What somebody typed stays until the server has another value for it. So does a page of older messages.
  beforeNodeMorphed: (now, next) => !isPage(now) && (!isTyped(now) || now.defaultValue !== next.defaultValue),
};

const isPage = (element) => element.nodeType === Node.ELEMENT_NODE && element.classList.contains("page");

function isTyped(element) {
  return /^(INPUT|TEXTAREA)$/.test(element.tagName) && element.type !== "hidden" && element.value !== element.defaultValue;
}

export function morph(now, next) {
  if (!now || !next) return;
  // What is being typed stays; of anything else that has the focus this would keep the old content.
  const ignoreActiveValue = Boolean(document.activeElement?.matches("input, textarea"));
  Idiomorph.morph(now, next, { morphStyle: "outerHTML", ignoreActiveValue, callbacks });
}

/** The same for the element of that id in the page and in `source`, a parsed answer. */
export function morphById(source, id) {
  morph(document.getElementById(id), source.getElementById(id));
}
