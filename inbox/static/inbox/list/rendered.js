// @ts-check
// Rows that look as they did are left alone: the server sends them anew with every change of any.
import { morph } from "../page/morph.js";

/** @import {Row} from "./virtual.js" */

/** @type {WeakMap<Row, string>} rows, as the server rendered them last */
const rendered = new WeakMap();

/**
 * Return the element that shows the row: the one that is there, made like the new one, as long as it can be.
 * @param {Row | undefined} old
 * @param {Row} row
 */
export function renewed(old, row) {
  const html = row.outerHTML;
  const element = old?.isConnected ? old : document.adoptNode(row);
  if (old && element === old) {
    old.classList.remove("leaving");
    if (rendered.get(old) === html) old.ariaSelected = row.ariaSelected;
    else morph(old, /** @type {Row} */ (row.cloneNode(true)));
  }
  rendered.set(element, html);
  return element;
}
