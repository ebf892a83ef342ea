// A row's menu by right click or long press; on a touch screen left says handled, right marks unread.
import { act } from "./actions.js";

const LONG_MS = 550;
const FAR_PX = 88;
const SLOPE = 1.5;
let start = null;
let menuRow = null;

export function startGestures() {
  const list = document.getElementById("list");
  const menu = document.getElementById("row-menu");
  list.addEventListener("contextmenu", (event) => {
    const row = event.target.closest(".row");
    if (!row || !menu) return;
    event.preventDefault();
    openMenu(menu, row, event.clientX, event.clientY);
  });
  menu?.addEventListener("click", (event) => {
    const name = event.target.closest("[data-row-action]")?.dataset.rowAction;
    menu.hidePopover();
    if (name && menuRow) act(name, undefined, [menuRow]);
  });
  list.addEventListener("touchstart", (event) => began(event, menu), { passive: true });
  list.addEventListener("touchmove", moved, { passive: false });
  list.addEventListener("touchend", ended);
  list.addEventListener("touchcancel", letGo);
}

/** Opens it beside the place that was pressed, or beside the row. */
export function openMenu(menu, row, x = row.getBoundingClientRect().left + 66, y = row.getBoundingClientRect().top + 40) {
  menuRow = row;
  const isTalk = row.dataset.kind === "direct_message";
  for (const button of menu.querySelectorAll("[data-row-action]")) {
    const name = button.dataset.rowAction;
    button.hidden = (name === "done" && row.dataset.waits !== "true") || (["pin", "mute"].includes(name) && !isTalk) || (!row.dataset.route && name !== "pick");
    if (name === "pin") button.textContent = row.dataset.pinned === "true" ? button.dataset.off : button.dataset.on;
    if (name === "mute") button.textContent = row.dataset.muted === "true" ? button.dataset.off : button.dataset.on;
  }
  menu.showPopover();
  menu.style.left = `${Math.min(x, innerWidth - menu.offsetWidth - 8)}px`;
  menu.style.top = `${Math.min(y, innerHeight - menu.offsetHeight - 8)}px`;
  menu.querySelector("button:not([hidden])")?.focus();
}

// -- fingers

function began(event, menu) {
  const row = event.target.closest(".row");
  if (!row || event.touches.length > 1) return letGo();
  const { clientX: x, clientY: y } = event.touches[0];
  start = { row, x, y, by: 0, timer: setTimeout(() => long(menu), LONG_MS) };
}

function long(menu) {
  const { row, x, y } = start;
  letGo();
  navigator.vibrate?.(10);
  row.addEventListener("click", (event) => event.preventDefault(), { once: true, capture: true });
  if (menu) openMenu(menu, row, x, y);
}

function moved(event) {
  if (!start) return;
  const { clientX, clientY } = event.touches[0];
  const [across, along] = [clientX - start.x, clientY - start.y];
  if (!start.by && Math.abs(along) > 8 && Math.abs(along) * SLOPE > Math.abs(across)) return letGo();
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
