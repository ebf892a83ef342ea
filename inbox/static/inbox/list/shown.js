// @ts-check
// The rows that are there, in the page or kept ready beside it, and what follows the last of them.
import { all, find, need } from "../page/dom.js";
import { VirtualRows } from "./virtual.js";

/** @import {Row} from "./virtual.js" */

/** @type {VirtualRows | null} */
let virtual = null;
/** @type {string | null} */
let next = null;

export const box = () => need("rows");
export const options = () => find("options");
export const rows = () => virtual?.rows ?? [];
export const view = () => virtual;

/** The cursor of the page that follows the last row. */
export const nextPage = () => next;

/** @param {string | null} cursor */
export function setNextPage(cursor) {
  next = cursor;
}

/**
 * @param {ParentNode} place
 * @returns {Row[]}
 */
export const rowsIn = (place) => all(place, ".row", HTMLAnchorElement);

/**
 * Return the cursor of what follows the rows of a page, or of a part of one.
 * @param {ParentNode} place
 */
export function cursorIn(place) {
  const more = place.querySelector("#more");
  return (more instanceof HTMLElement && more.dataset.cursor) || null;
}

/** Take the rows as the server rendered them into the page. */
export function takeRows() {
  virtual?.end();
  const list = options();
  virtual = list && new VirtualRows(box(), list, rowsIn(list));
  next = cursorIn(document);
  setRows(rows());
}

/** @param {Row[]} all */
export function setRows(all) {
  virtual?.set(all, next !== null);
}
