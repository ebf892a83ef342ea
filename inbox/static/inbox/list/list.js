// The rows. They never move under the hand: what arrives meanwhile is collected in a strip above them.
import { mark as markPicked } from "./picked.js";
import { morph, morphById } from "../page/morph.js";
import { addPart, go, load } from "../page/page.js";
import { renewed } from "./rendered.js";
import { hideSkeleton, startSkeleton } from "./skeleton.js";
import { VirtualRows } from "./virtual.js";
import { say } from "../words/words.js";

const STRIP_PX = 36;
const HEAD = 200; // as many as the server answers at most
const FIRST = 50;
const PAGE = 50; // parsed within a frame
const WALK_MS = 120;
let pointerInside = false;
let waiting = null; // the rows as the server has them, while they may not be shown
let arrived = 0; // how many of them are not shown
let mayMove = false;
let virtual = null;
let nextPage = null; // the cursor of what follows the last row
let loading = null;
const takenOut = new Set(); // ids of rows whose write the page may not have seen yet

const box = () => document.getElementById("rows");
const options = () => document.getElementById("options");
const rowsIn = (place) => [...place.querySelectorAll(".row")];
export const rows = () => virtual?.rows ?? [];
export const selected = () => rows().find((row) => row.getAttribute("aria-selected") === "true") ?? null;

export function startList() {
  addPart({ update, extra: asMany, visitExtra: (url) => (isThisList(url) ? asMany() : {}) });
  startSkeleton();
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
  take();
}

/** What is shown, and what may have come. */
function asMany() {
  return { count: String(Math.min(HEAD, Math.max(FIRST, rows().length) + arrived + FIRST)) };
}

function isThisList(url) {
  return Boolean(box()) && new URL(box().dataset.href, location.href).search === url.search;
}

/** The rows as the server rendered them into the page. */
function take() {
  virtual?.end();
  virtual = options() && new VirtualRows(box(), options());
  nextPage = document.getElementById("more")?.dataset.cursor ?? null;
  if (virtual) virtual.set(virtual.rows, Boolean(nextPage));
  box().addEventListener("scroll", loadMore, { passive: true });
  settle();
}

function isHeld() {
  const inRow = document.activeElement?.closest?.("#options");
  return pointerInside || Boolean(inRow) || waiting !== null || (box()?.scrollTop ?? 0) > (waiting ? STRIP_PX : 0);
}

function update(source, isNewAddress) {
  hideSkeleton();
  morphById(source, "list-head");
  const next = source.getElementById("rows");
  if (!next || !box()) return;
  if (isNewAddress) rowsIn(next).forEach((row) => takenOut.has(row.id) && row.remove());
  else takenOut.clear(); // read after every write
  const sameList = !isNewAddress || next.dataset.list === box().dataset.list;
  if (sameList && isHeld() && rows().length && !mayMove) updateInPlace(next);
  else showAll(next, sameList);
  mayMove = false;
}

function showAll(next, sameList) {
  waiting = null;
  arrived = 0;
  const fresh = rowsIn(next);
  if (!fresh.length || !virtual) {
    morph(box(), next);
    take();
  } else {
    box().dataset.list = next.dataset.list;
    box().dataset.href = next.dataset.href;
    hideStrip();
    follow(next, sameList);
    if (!sameList) box().scrollTop = 0;
    virtual.render();
  }
  settle();
}

/** The server answers the first ones: rows further down stay as they are. */
function follow(next, sameList) {
  const fresh = rowsIn(next);
  const known = new Map(rows().map((row) => [row.id, row]));
  const more = next.querySelector("#more")?.dataset.cursor ?? null;
  const ids = new Set(fresh.map((row) => row.id));
  const deeper = sameList && more && fresh.length >= HEAD ? rows().slice(fresh.length).filter((row) => !ids.has(row.id)) : [];
  if (!deeper.length) nextPage = more;
  virtual.set([...fresh.map((row) => renewed(known.get(row.id), row)), ...deeper], Boolean(nextPage));
}

function updateInPlace(next) {
  const fresh = rowsIn(next);
  const known = new Set(fresh.map((row) => row.id));
  const held = rows();
  const places = new Map(held.map((row, index) => [row.id, index]));
  held.slice(0, HEAD).forEach((row) => row.classList.toggle("leaving", !known.has(row.id)));
  // What stands below the last row that is shown belongs to the next page, if there is one.
  const last = nextPage ? fresh.findLastIndex((row) => places.has(row.id)) + 1 : fresh.length;
  arrived = fresh.slice(0, last).filter((row) => !places.has(row.id)).length;
  renew(fresh, places);
  const wasShown = waiting !== null;
  waiting = arrived ? next : null;
  if (arrived) showStrip(wasShown);
  else hideStrip();
  lookDeeper(places);
  settle();
}

function renew(fresh, places) {
  for (const row of fresh) {
    const index = places.get(row.id);
    if (index === undefined) continue;
    const element = renewed(rows()[index], row.cloneNode(true));
    if (element !== rows()[index]) virtual.replace(index, element);
  }
}

/** Whoever scrolled below what the server answered sees the page that is in sight made new. */
async function lookDeeper(places) {
  const cursor = virtual.first?.dataset.page;
  if (!cursor) return;
  try {
    const source = await load(document.getElementById("rows").dataset.href, { part: "rows", extra: { cursor, count: String(PAGE) } });
    const fresh = rowsIn(source);
    const chosen = selected()?.id;
    for (const row of fresh) {
      row.dataset.page = cursor;
      row.setAttribute("aria-selected", String(row.id === chosen));
    }
    renew(fresh, places);
    settle();
  } catch {
    // The next look tries again.
  }
}

function showStrip(wasShown) {
  const strip = document.getElementById("strip");
  strip.textContent = say(box().dataset.arrived ?? "arrived", { n: arrived });
  if (wasShown) return;
  const top = box().scrollTop;
  strip.hidden = false;
  options().classList.add("below-strip");
  box().scrollTop = top + STRIP_PX;
}

function hideStrip() {
  document.getElementById("strip").hidden = true;
  options().classList.remove("below-strip");
}

/** Somebody asked for what changes the whole list: it may move once, wherever the hand is. */
export function letMove() {
  mayMove = true;
}

export function showWaiting() {
  if (!waiting) return;
  showAll(waiting, false);
}

// -- pages

function loadMore() {
  const near = box().scrollTop + 2 * box().clientHeight > box().scrollHeight - 400;
  if (near) loadNext();
}

/** Resolves when so many rows are there, or all, or no more can be had. */
export async function loadRows(count) {
  for (let before = -1; nextPage && rows().length < count && rows().length > before; ) {
    before = rows().length;
    await loadNext();
  }
}

/** Resolves when the next page is there, or cannot be had. */
function loadNext() {
  if (!nextPage) return Promise.resolve();
  loading ??= loadPage(nextPage).finally(() => {
    loading = null;
  });
  return loading;
}

async function loadPage(cursor) {
  try {
    const source = await load(box().dataset.href, { part: "rows", extra: { cursor, count: String(PAGE) } });
    if (cursor !== nextPage) return;
    const known = new Set(rows().map((row) => row.id));
    const fresh = rowsIn(source).filter((row) => !known.has(row.id));
    for (const row of fresh) row.dataset.page = cursor;
    nextPage = source.getElementById("more")?.dataset.cursor ?? null;
    virtual.set([...rows(), ...fresh.map((row) => document.adoptNode(row))], Boolean(nextPage));
    settle();
  } catch {
    // The next scroll tries again.
  }
}

// -- which one is meant

function settle() {
  document.getElementById("more")?.toggleAttribute("hidden", true);
  markPicked(rows());
  if (meant) for (const row of rows()) row.setAttribute("aria-selected", String(row.id === meant));
  mark();
  loadMore();
}

/** The selected row as assistive technology wants it. */
function mark() {
  if (!options()) return;
  const row = selected();
  if (row) options().setAttribute("aria-activedescendant", row.id);
  else options().removeAttribute("aria-activedescendant");
}

export function select(row) {
  for (const other of rows()) other.setAttribute("aria-selected", String(other === row));
  if (row) virtual.reveal(row);
  mark();
}

/** The row after (+1) or before (-1) the selected one; from none, the first. */
export function neighbour(step) {
  const all = rows().filter((row) => row.href);
  const at = all.indexOf(selected());
  return at < 0 ? all[0] : all[at + step];
}

/** To the next row or the one before, be it loaded or not. Opens it when the hand rests. */
export async function walk(step) {
  if (step > 0 && !neighbour(step)) await loadNext();
  open(neighbour(step), { wait: WALK_MS });
}

let opening;
let meant = null; // the row that will open when the hand rests
/** Selected at once; opened when the hand rests, so that walking through rows reads and marks nothing. */
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

/** Takes out rows at once; returns what puts them back. */
export function takeOut(...gone) {
  const places = gone.map((row) => rows().indexOf(row));
  virtual.set(rows().filter((row) => !gone.includes(row)), Boolean(nextPage));
  gone.forEach((row) => takenOut.add(row.id));
  return () => {
    gone.forEach((row) => takenOut.delete(row.id));
    const now = [...rows()];
    const ids = new Set(now.map((row) => row.id));
    gone.forEach((row, index) => !ids.has(row.id) && now.splice(places[index], 0, row));
    virtual.set(now, Boolean(nextPage));
  };
}

/** Another density: the same row stays first in sight. */
export function redraw() {
  if (!virtual) return;
  const first = virtual.first;
  virtual.render();
  if (first) box().scrollTop = options().offsetTop + rows().indexOf(first) * virtual.height;
  virtual.render();
}
