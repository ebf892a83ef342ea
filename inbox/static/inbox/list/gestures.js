// @ts-check
// A row's menu by right click or long press; on a touch screen left says handled, right marks unread.
import { all, around, find, need } from "../page/dom.js";
import { act, isAction } from "./actions.js";
import { pick } from "./bulk.js";

/** @import {Row} from "./virtual.js" */

const LONG_MS = 550;
const FAR_PX = 88;
const SLOPE = 1.5;
/** @type {{row: Row, x: number, y: number, by: number, timer: ReturnType<typeof setTimeout>} | null} */
let start = null;
/** @type {Row | null} */
let menuRow = null;

const rowAt = (/** @type {Event} */ event) => around(event, ".row", HTMLAnchorElement);

export function startGestures() {
  const list = need("list");
  const menu = find("row-menu");
  list.addEventListener("contextmenu", (event) => {
    const row = rowAt(event);
    if (!row || !menu) return;
    event.preventDefault();
    openMenu(row, event.clientX, event.clientY);
  });
  menu?.addEventListener("click", (event) => {
    const name = around(event, "[data-row-action]")?.dataset.rowAction;
    menu.hidePopover();
    if (name === "pick" && menuRow) pick(menuRow);
    else if (name && isAction(name) && menuRow) act(name, undefined, [menuRow]);
  });
  list.addEventListener("touchstart", began, { passive: true });
  list.addEventListener("touchmove", moved, { passive: false });
  list.addEventListener("touchend", ended);
  list.addEventListener("touchcancel", letGo);
}

/**
 * Open the menu of a row beside the place that was pressed, or beside the row.
 * @param {Row} row
 */
export function openMenu(row, x = row.getBoundingClientRect().left + 66, y = row.getBoundingClientRect().top + 40) {
  const menu = find("row-menu");
  if (!menu) return;
  menuRow = row;
  for (const button of all(menu, "[data-row-action]")) {
    const { rowAction: name, on = "", off = "" } = button.dataset;
    button.hidden = !fits(name, row);
    if (name === "pin") button.textContent = row.dataset.pinned === "true" ? off : on;
    if (name === "mute") button.textContent = row.dataset.muted === "true" ? off : on;
  }
  menu.showPopover();
  menu.style.left = `${Math.min(x, innerWidth - menu.offsetWidth - 8)}px`;
  menu.style.top = `${Math.min(y, innerHeight - menu.offsetHeight - 8)}px`;
  all(menu, "button:not([hidden])")[0]?.focus();
}

/**
 * @param {string | undefined} name
 * @param {Row} row
 */
function fits(name, row) {
  if (name === "done" && row.dataset.waits !== "true") return false;
  if ((name === "pin" || name === "mute") && row.dataset.kind !== "direct_message") return false;
  return Boolean(row.dataset.route) || name === "pick";
}

// -- fingers

/** @param {TouchEvent} event */
function began(event) {
  const row = rowAt(event);
  const [touch] = event.touches;
  if (!row || !touch || event.touches.length > 1) return letGo();
  const { clientX: x, clientY: y } = touch;
  start = { row, x, y, by: 0, timer: setTimeout(long, LONG_MS) };
}

function long() {
  if (!start) return;
  const { row, x, y } = start;
  letGo();
  navigator.vibrate?.(10);
  row.addEventListener("click", (event) => event.preventDefault(), { once: true, capture: true });
  openMenu(row, x, y);
}

/** @param {TouchEvent} event */
function moved(event) {
  const [touch] = event.touches;
  if (!start || !touch) return;
  const [across, along] = [touch.clientX - start.x, touch.clientY - start.y];
  if (!start.by && Math.abs(along) > 8 && Math.abs(along) * SLOPE > Math.abs(across)) {
    letGo();
    return;
  }
  if (!start.by && Math.abs(across) < 12) return;
  clearTimeout(start.timer);
  event.preventDefault();
  start.by = across;
  const may = across < 0 ? start.row.dataset.waits === "true" : Boolean(start.row.dataset.route);
  start.row.dataset.swipe = across < 0 ? "done" : "unread";
  start.row.style.translate = `${may ? across : across / 6}px 0`;
}

function ended() {
  if (!start) return;
  const { row, by } = start;
  letGo();
  if (Math.abs(by) < FAR_PX) return;
  act(by < 0 ? "done" : "unread", undefined, [row]);
}

function letGo() {
  if (!start) return;
  clearTimeout(start.timer);
  start.row.style.translate = "";
  delete start.row.dataset.swipe;
  start = null;
}
