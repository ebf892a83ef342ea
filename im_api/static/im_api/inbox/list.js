// The rows. They never move under the hand: what arrives meanwhile is collected in a strip above them.
import { morph, morphById } from "./morph.js";
import { addPart, go, load } from "./page.js";
import { say } from "./words.js";

const STRIP_PX = 36;
const MAX_ROWS = 200;
let pointerInside = false;
let waiting = null; // the rows as the server has them, while they may not be shown
let observer;

const box = () => document.getElementById("rows");
const rowsIn = (place) => [...place.querySelectorAll(".row")];
export const rows = () => (box() ? rowsIn(box()) : []);
export const selected = () => document.querySelector('.row[aria-selected="true"]');

export function startList() {
  addPart({ update, extra: () => ({ count: String(Math.min(MAX_ROWS, Math.max(50, rows().length))) }) });
  const list = document.getElementById("list");
  list.addEventListener("pointerover", (event) => {
    if (event.pointerType === "mouse") pointerInside = Boolean(event.target.closest("#rows"));
  });
  list.addEventListener("pointerleave", () => {
    pointerInside = false;
    if (waiting && box().scrollTop <= STRIP_PX) box().scrollTop = 0;
  });
  list.addEventListener("click", (event) => {
    if (event.target.closest("#strip")) showWaiting();
    const row = event.target.closest(".row");
    if (row && !event.ctrlKey && !event.metaKey) select(row);
  });
  observer = new IntersectionObserver(([entry]) => entry.isIntersecting && loadMore(), { rootMargin: "400px" });
  settle();
}

function isHeld() {
  const inRow = document.activeElement?.closest?.("#options");
  return pointerInside || Boolean(inRow) || (box()?.scrollTop ?? 0) > (waiting ? STRIP_PX : 0);
}

function update(source, isNewAddress) {
  morphById(source, "list-head");
  const fine = source.getElementById("connection");
  if (fine) document.getElementById("connection").dataset.fine = fine.dataset.fine;
  const next = source.getElementById("rows");
  if (!next || !box()) return;
  const sameList = !isNewAddress || next.dataset.list === box().dataset.list;
  if (sameList && isHeld() && rows().length) updateInPlace(next);
  else showAll(next, sameList);
}

function showAll(next, sameList) {
  waiting = null;
  if (sameList) keepDeeper(next);
  morph(box(), next);
  if (!sameList) box().scrollTop = 0;
  settle();
}

/** The server answers at most MAX_ROWS: rows further down stay as they are. */
function keepDeeper(next) {
  const known = new Set(rowsIn(next).map((row) => row.id));
  const last = rowsIn(next).at(-1);
  const more = document.getElementById("more");
  if (!last || !next.querySelector("#more") || known.size < MAX_ROWS) return;
  const deeper = rows().slice(known.size).filter((row) => !known.has(row.id));
  last.after(...deeper.map((row) => row.cloneNode(true)));
  if (deeper.length && more) next.querySelector("#more").replaceWith(more.cloneNode(true));
}

function updateInPlace(next) {
  const now = new Map(rows().map((row) => [row.id, row]));
  const fresh = rowsIn(next);
  const known = new Set(fresh.map((row) => row.id));
  for (const [id, row] of now) row.classList.toggle("leaving", !known.has(id) && now.size <= MAX_ROWS);
  const arrived = fresh.filter((row) => !now.has(row.id)).length;
  for (const row of fresh) if (now.has(row.id)) morph(now.get(row.id), row.cloneNode(true));
  if (arrived) {
    const wasShown = waiting !== null;
    waiting = next;
    showStrip(arrived, wasShown);
  } else if (waiting) waiting = next;
  settle();
}

function showStrip(count, wasShown) {
  const strip = document.getElementById("strip");
  strip.textContent = say("arrived", { n: count });
  if (wasShown) return;
  const top = box().scrollTop;
  strip.hidden = false;
  document.getElementById("options").classList.add("below-strip");
  box().scrollTop = top + STRIP_PX;
}

export function showWaiting() {
  if (!waiting) return;
  showAll(waiting, false);
}

function settle() {
  mark();
  observer.disconnect();
  const more = document.getElementById("more");
  if (more) observer.observe(more);
}

/** The selected row as assistive technology wants it. */
function mark() {
  const options = document.getElementById("options");
  if (!options) return;
  const row = selected();
  if (row) options.setAttribute("aria-activedescendant", row.id);
  else options.removeAttribute("aria-activedescendant");
}

export function select(row) {
  for (const other of rows()) other.setAttribute("aria-selected", String(other === row));
  mark();
  row?.scrollIntoView({ block: "nearest" });
}

async function loadMore() {
  const more = document.getElementById("more");
  if (!more || more.dataset.loading) return;
  more.dataset.loading = "true";
  try {
    const source = await load(more.href, { part: "rows", extra: { cursor: more.dataset.cursor } });
    const known = new Set(rows().map((row) => row.id));
    const next = source.getElementById("more");
    document.getElementById("options").append(...[...source.querySelectorAll(".row")].filter((row) => !known.has(row.id)));
    if (next) more.replaceWith(next);
    else more.remove();
    settle();
  } catch {
    delete more.dataset.loading;
  }
}

/** The row after (+1) or before (-1) the selected one; from none, the first. */
export function neighbour(step) {
  const all = rows().filter((row) => row.href);
  const at = all.indexOf(selected());
  return at < 0 ? all[0] : all[at + step];
}

let opening;
/** Selected at once; opened when the hand rests, so that walking through rows reads and marks nothing. */
export function open(row, { wait = 0 } = {}) {
  if (!row?.href) return;
  select(row);
  clearTimeout(opening);
  opening = setTimeout(() => go(row.href), wait);
}

/** Takes out a row at once; returns what puts it back. */
export function takeOut(row) {
  if (!row) return () => {};
  const { parentNode, nextSibling } = row;
  row.remove();
  return () => parentNode.insertBefore(row, nextSibling?.parentNode === parentNode ? nextSibling : null);
}
