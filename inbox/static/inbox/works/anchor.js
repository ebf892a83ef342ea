// @ts-check
// Nothing moves under the eyes: the comment that somebody looks at stays where it is while others come above it.
import { find, make, need } from "../page/dom.js";
import { say } from "../words/words.js";
import { box, current, isAnyChosen, talks } from "./talks.js";

/**
 * A comment's element and where its upper edge is, px.
 * @typedef {{id: string, at: number}} Anchor
 */

/**
 * Return the comment under the hand, else the one that is meant, else the first in sight; null while nobody reads yet.
 * @returns {Anchor | null}
 */
export function findAnchor() {
  if (!box().scrollTop && !isAnyChosen() && !box().matches(":hover, :focus-within")) return null;
  const top = box().getBoundingClientRect().top;
  const shown = talks().filter((one) => isInSight(one, top) && !one.classList.contains("leaving"));
  const talk = shown.find((one) => one.matches(":hover")) ?? shown.find((one) => one === current()) ?? shown[0];
  return talk ? { id: talk.id, at: talk.getBoundingClientRect().top } : null;
}

/**
 * @param {HTMLElement} talk
 * @param {number} top
 */
function isInSight(talk, top) {
  const place = talk.getBoundingClientRect();
  return place.bottom > top + 1 && place.top < top + box().clientHeight;
}

/**
 * Scroll so that the comment is where it was, and offer what came above it.
 * @param {Anchor | null} anchor
 * @param {Set<string | undefined>} known ids of the comments that were there
 */
export function holdTo(anchor, known) {
  const talk = anchor && find(anchor.id);
  if (!anchor || !talk) return;
  box().scrollTop += talk.getBoundingClientRect().top - anchor.at;
  const all = talks();
  const above = all.slice(0, all.indexOf(talk)).filter((one) => !known.has(one.dataset.id)).length;
  if (above) offerTop(above);
}

/** @param {number} count */
function offerTop(count) {
  let button = find("above");
  if (!button) {
    button = make("button", { id: "above", type: "button", className: "above" });
    need("talks").prepend(button);
    box().scrollTop += button.offsetHeight;
  }
  button.textContent = say("comments_above", { n: count });
}

export function toTop() {
  find("above")?.remove();
  box().scrollTop = 0;
}
