// @ts-check
// Several rows at once: a box in the place of the picture picks a row, and a bar in the head says what can be done.
import { all, around, find } from "../page/dom.js";
import { say } from "../words/words.js";
import { act, isAction } from "./actions.js";
import { between, fitting, isOnForAll } from "./bulk_plan.js";
import { clear, onPicked, pickedIn, toggle } from "./picked.js";
import { rows } from "./shown.js";

/** @import {BulkAction} from "./bulk_plan.js" */
/** @import {Row} from "./virtual.js" */

/** @type {Row | null} */
let last = null;

/** @param {HTMLElement} list */
export function startBulk(list) {
  const bar = find("bulk");
  if (!bar) return; // a list of which nothing is picked
  list.addEventListener("click", clicked, true);
  bar.addEventListener("click", (event) => {
    if (around(event, "#bulk-close")) clear(rows());
    const name = around(event, "[data-bulk]")?.dataset.bulk ?? "";
    if (isAction(name)) act(name, undefined, pickedIn(rows()));
  });
  onPicked(() => show(bar));
}

/**
 * A click on the box picks the row; while some are picked on a touch screen, one anywhere on it.
 * @param {MouseEvent} event
 */
function clicked(event) {
  const row = around(event, ".row", HTMLAnchorElement);
  const isTouch = matchMedia("(pointer: coarse)").matches && pickedIn(rows()).length > 0;
  if (!row || !(around(event, ".face") || isTouch)) return;
  event.preventDefault();
  event.stopPropagation();
  pick(row, event.shiftKey);
}

/**
 * @param {Row} row
 * @param {boolean} toHere with all between it and the one that was picked before
 */
export function pick(row, toHere = false) {
  if (toHere && last) for (const one of between(rows(), last, row)) toggle(one, true);
  else toggle(row);
  last = row;
}

/** @param {HTMLElement} bar */
function show(bar) {
  const picked = pickedIn(rows()).map((row) => row.dataset);
  bar.hidden = picked.length === 0;
  document.documentElement.classList.toggle("picking", picked.length > 0);
  if (!picked.length) return;
  const count = find("bulk-count");
  if (count) count.textContent = say("picked", { n: picked.length });
  const fits = fitting(picked);
  for (const button of all(bar, "[data-bulk]", HTMLButtonElement)) {
    const name = /** @type {BulkAction} */ (button.dataset.bulk);
    button.disabled = !fits[name];
    const { on, off } = button.dataset;
    if (on && off) button.textContent = isOnForAll(picked, name === "pin" ? "pinned" : "muted") ? off : on;
  }
}
