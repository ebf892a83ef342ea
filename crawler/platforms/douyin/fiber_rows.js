// @ts-check
// Rows of lists with the objects behind them, and what scrolls them. fiber.py calls these functions by their names.
import { all, IDS, nearest, parentOf, plain } from "./fiber.js";

/** @import {Kind} from "./fiber.js" */

/**
 * Which rows: those of the first selector that has rows with objects of the kind.
 * @typedef {{selectors: string[], kind: Kind}} Rows
 */

/** @param {Element} element */
export function isShown(element) {
  const box = element.getBoundingClientRect();
  return box.width > 0 && box.height > 0;
}

/**
 * Return the rows of the first selector that has rows with objects; without any, the rows of the first that has some.
 * @param {string[]} selectors
 * @param {Kind} kind
 * @returns {HTMLElement[]}
 */
export function rowElements(selectors, kind) {
  /** @type {HTMLElement[]} */
  let bare = [];
  for (const selector of selectors) {
    const shown = all(selector).filter(isShown);
    const innermost = shown.filter((one) => !shown.some((other) => other !== one && one.contains(other)));
    if (innermost.some((one) => nearest(one, kind))) return innermost;
    if (bare.length === 0) bare = innermost;
  }
  return bare;
}

/** @param {Rows} given */
export function rows({ selectors, kind }) {
  return rowElements(selectors, kind).map((element) => {
    const object = nearest(element, kind);
    // biome-ignore lint/performance/useDomNodeTextContent: what a person sees of the row, line by line
    const text = element.innerText.slice(0, 200);
    return { text, id: object ? String(IDS[kind](object)) : null, raw: object && plain(object) };
  });
}

/** @param {Rows & {id: string}} given */
export function rowOf({ selectors, kind, id }) {
  const hits = rowElements(selectors, kind).filter((element) => {
    const object = nearest(element, kind);
    return object !== null && String(IDS[kind](object)) === id;
  });
  return hits.length === 1 ? hits[0] : null;
}

/** @param {Element} element */
function scrolls(element) {
  const how = getComputedStyle(element).overflowY;
  return (how === "auto" || how === "scroll") && element.scrollHeight > element.clientHeight + 1;
}

/** The page itself as that which scrolls. */
const whole = () => document.scrollingElement ?? document.documentElement;

/**
 * Return what scrolls the element.
 * @param {Element | undefined} element
 */
function scroller(element) {
  for (let one = element && parentOf(element); one; one = parentOf(one)) if (scrolls(one)) return one;
  return whole();
}

/**
 * Move the list that holds the rows: to its start, its end, or one view on. Answers where it stands.
 * @param {Rows & {to: "start" | "next" | "end"}} given
 */
export function scrollRows({ selectors, kind, to }) {
  const list = scroller(rowElements(selectors, kind)[0]);
  if (to === "start") list.scrollTop = 0;
  if (to === "end") list.scrollTop = list.scrollHeight;
  if (to === "next") list.scrollTop += Math.max(80, Math.floor(list.clientHeight * 0.7));
  return { top: list.scrollTop, atEnd: list.scrollTop + list.clientHeight >= list.scrollHeight - 2 };
}

/**
 * Move the list that holds the rows to its oldest row: up, whether the list counts from its start or from its end.
 * @param {Rows} given
 */
export function scrollUp({ selectors, kind }) {
  const list = scroller(rowElements(selectors, kind)[0]);
  list.scrollTop = -list.scrollHeight;
}

/** Move everything that scrolls to its end; a step back first, or a list that stands there already hears nothing. */
export async function scrollAll() {
  const lists = [whole(), ...all("*").filter((one) => one !== whole() && scrolls(one))];
  for (const one of lists) one.scrollTop = Math.max(0, one.scrollHeight - one.clientHeight - 120);
  await new Promise((done) => setTimeout(done, 30));
  for (const one of lists) one.scrollTop = one.scrollHeight;
}
