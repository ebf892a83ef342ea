// Makes a part of the page like the one that the server rendered, and leaves alone what a hand is on.
import { Idiomorph } from "../vendor/idiomorph.js";

const OPTIONS = {
  ignoreActiveValue: true,
  callbacks: {
    // A menu that somebody opened stays open.
    beforeAttributeUpdated: (name, element) => !(name === "open" && element.tagName === "DETAILS"),
  },
};

export function morph(now, next) {
  if (now && next) Idiomorph.morph(now, next, { morphStyle: "outerHTML", ...OPTIONS });
}

/** The same for the element of that id in the page and in `source`, a parsed answer. */
export function morphById(source, id) {
  morph(document.getElementById(id), source.getElementById(id));
}
