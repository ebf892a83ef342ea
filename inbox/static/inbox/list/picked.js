// @ts-check
// Rows that are picked for one action together.

/** @import {Row} from "./virtual.js" */

/** @type {Set<string>} */
const picked = new Set();
/** @type {(() => void)[]} */
const listeners = [];

/**
 * Call `listener` whenever other rows may be picked than before.
 * @param {() => void} listener
 */
export function onPicked(listener) {
  listeners.push(listener);
}

/** @param {Row[]} rows */
export const pickedIn = (rows) => rows.filter((row) => picked.has(row.id));

/** @param {Row} row */
export function toggle(row, on = !picked.has(row.id)) {
  if (on) picked.add(row.id);
  else picked.delete(row.id);
  mark([row]);
}

/** @param {Row[]} rows */
export function clear(rows) {
  picked.clear();
  mark(rows);
}

/** @param {Row[]} rows */
export function mark(rows) {
  for (const row of rows) {
    if (picked.has(row.id)) row.setAttribute("aria-checked", "true");
    else row.removeAttribute("aria-checked");
  }
  for (const listener of listeners) listener();
}
