// @ts-check
// Which row is meant: the selected one, and the one that will open when the hand rests.
import { go } from "../page/page.js";
import { options, rows, view } from "./shown.js";

/** @import {Row} from "./virtual.js" */

/** @type {ReturnType<typeof setTimeout> | undefined} */
let opening;
/** @type {string | null} id of the row that will open when the hand rests */
let meant = null;

export const selected = () => rows().find((row) => row.getAttribute("aria-selected") === "true") ?? null;

/** @param {Row | null} row */
export function select(row) {
  for (const other of rows()) other.setAttribute("aria-selected", String(other === row));
  if (row) view()?.reveal(row);
  showSelected();
}

/** What the server selected may be another row than the one that will open. */
export function keepMeant() {
  if (meant) for (const row of rows()) row.setAttribute("aria-selected", String(row.id === meant));
  showSelected();
}

/** The selected row as assistive technology wants it. */
function showSelected() {
  const list = options();
  if (!list) return;
  const row = selected();
  if (row) list.setAttribute("aria-activedescendant", row.id);
  else list.removeAttribute("aria-activedescendant");
}

/**
 * Return the row after (+1) or before (-1) the selected one; from none, the first.
 * @param {number} step
 */
export function neighbour(step) {
  const all = rows().filter((row) => row.href);
  const row = selected();
  const at = row ? all.indexOf(row) : -1;
  return at < 0 ? all[0] : all[at + step];
}

/**
 * Select a row at once; open it when the hand rests, so that walking through rows reads and marks nothing.
 * @param {Row | null | undefined} row
 * @param {{wait?: number}} [options] ms
 */
export function open(row, { wait = 0 } = {}) {
  if (!row?.href) return;
  select(row);
  clearTimeout(opening);
  meant = row.id;
  opening = setTimeout(() => {
    meant = null;
    go(row.href);
  }, wait);
}
