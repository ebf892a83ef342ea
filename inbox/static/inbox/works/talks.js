// @ts-check
// The open work and the comments under it: where they stand in the page, and which one is meant.
import { all, find, need } from "../page/dom.js";

let chosen = ""; // id of the comment that is meant

export const work = () => find("work");
export const openWork = () => need("work");
export const box = () => need("comments");

/**
 * Return the comments with their replies.
 * @param {ParentNode} [place]
 */
export const talks = (place = document) => all(place, "#talks > .talk");
export const current = () => talks().find((talk) => talk.dataset.id === chosen) ?? null;
export const isAnyChosen = () => chosen !== "";

/** @param {HTMLElement | null} talk */
export function choose(talk) {
  chosen = talk?.dataset.id ?? "";
  for (const one of talks()) {
    if (one === talk) one.setAttribute("aria-current", "true");
    else one.removeAttribute("aria-current");
  }
}

/** @param {number} step */
export function walk(step) {
  const staying = talks().filter((talk) => !talk.classList.contains("leaving"));
  const here = current();
  const next = staying[here ? staying.indexOf(here) + step : 0];
  if (!next) return;
  choose(next);
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}
