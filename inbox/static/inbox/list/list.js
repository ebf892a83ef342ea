// @ts-check
// The rows. They never move under the hand: what arrives meanwhile is collected in a strip above them.
import { around, find, need } from "../page/dom.js";
import { morph, morphById } from "../page/morph.js";
import { addPart } from "../page/page.js";
import { say } from "../words/words.js";
import { loadMore, readPage, settle } from "./paging.js";
import { askedCount, keptBelow, planInPlace, putBack } from "./placement.js";
import { renewed } from "./rendered.js";
import { select, selected } from "./selection.js";
import { box, cursorIn, nextPage, options, rows, rowsIn, setNextPage, setRows, takeRows, view } from "./shown.js";
import { hideSkeleton, startSkeleton } from "./skeleton.js";

/** @import {Row} from "./virtual.js" */
/** @import {Word} from "../words/catalogue.js" */

const STRIP_PX = 36;
let pointerInside = false;
/** @type {HTMLElement | null} the rows as the server has them, while they may not be shown */
let waiting = null;
let arrived = 0; // how many of them are not shown
let mayMove = false;
/** @type {Set<string>} ids of rows whose write the page may not have seen yet */
const takenOut = new Set();

export function startList() {
  addPart({ update, extra: asMany, visitExtra: (url) => (isThisList(url) ? asMany() : {}) });
  startSkeleton();
  const list = need("list");
  list.addEventListener("pointerover", (event) => {
    if (event.pointerType === "mouse") pointerInside = Boolean(around(event, "#rows"));
  });
  list.addEventListener("pointerleave", () => {
    pointerInside = false;
    if (waiting && box().scrollTop <= STRIP_PX) box().scrollTop = 0;
  });
  list.addEventListener("click", (event) => {
    if (around(event, "#strip")) showWaiting();
    const row = around(event, ".row", HTMLAnchorElement);
    if (row && !event.ctrlKey && !event.metaKey) select(row);
  });
  take();
}

const asMany = () => ({ count: String(askedCount(rows().length, arrived)) });

/** @param {URL} url */
function isThisList(url) {
  const place = find("rows");
  return place !== null && new URL(place.dataset.href ?? "", location.href).search === url.search;
}

function take() {
  takeRows();
  box().addEventListener("scroll", loadMore, { passive: true });
  settle();
}

function isHeld() {
  const inRow = document.activeElement?.closest("#options");
  return pointerInside || Boolean(inRow) || waiting !== null || box().scrollTop > 0;
}

/**
 * @param {Document} source
 * @param {boolean} isNewAddress
 */
function update(source, isNewAddress) {
  hideSkeleton();
  morphById(source, "list-head");
  const next = find("rows", HTMLElement, source);
  if (!next || !find("rows")) return;
  if (isNewAddress) {
    for (const row of rowsIn(next)) if (takenOut.has(row.id)) row.remove();
  } else takenOut.clear(); // read after every write
  const isSameList = !isNewAddress || next.dataset.list === box().dataset.list;
  if (isSameList && isHeld() && rows().length && !mayMove) updateInPlace(next);
  else showAll(next, isSameList);
  mayMove = false;
}

/**
 * @param {HTMLElement} next
 * @param {boolean} isSameList
 */
function showAll(next, isSameList) {
  waiting = null;
  arrived = 0;
  if (!rowsIn(next).length || !view()) {
    morph(box(), next);
    take();
  } else {
    box().dataset.list = next.dataset.list;
    box().dataset.href = next.dataset.href;
    hideStrip();
    follow(next, isSameList);
    if (!isSameList) box().scrollTop = 0;
    view()?.render();
  }
  settle();
}

/**
 * Show the rows of the server's answer, and those further down that stay as they are.
 * @param {HTMLElement} next
 * @param {boolean} isSameList
 */
function follow(next, isSameList) {
  const fresh = rowsIn(next);
  const known = new Map(rows().map((row) => [row.id, row]));
  const more = cursorIn(next);
  const below = isSameList ? keptBelow(rows(), fresh, more !== null) : [];
  if (!below.length) setNextPage(more);
  setRows([...fresh.map((row) => renewed(known.get(row.id), row)), ...below]);
}

/** @param {HTMLElement} next */
function updateInPlace(next) {
  const fresh = rowsIn(next);
  const plan = planInPlace(rows(), fresh, nextPage() !== null);
  for (const [row, isLeaving] of plan.head) row.classList.toggle("leaving", isLeaving);
  arrived = plan.arrived;
  renew(fresh);
  const wasShown = waiting !== null;
  waiting = arrived ? next : null;
  if (arrived) showStrip(wasShown);
  else hideStrip();
  renewInSight();
  settle();
}

/** @param {Row[]} fresh */
function renew(fresh) {
  const places = new Map(rows().map((row, index) => [row.id, index]));
  for (const row of fresh) {
    const index = places.get(row.id);
    if (index === undefined) continue;
    const copy = document.importNode(row, true);
    const element = renewed(rows()[index], copy);
    if (element !== rows()[index]) view()?.replace(index, element);
  }
}

/** Whoever scrolled below what the server answered sees the page that is in sight made new. */
async function renewInSight() {
  const cursor = view()?.first?.dataset.page;
  if (!cursor) return;
  try {
    const fresh = rowsIn(await readPage(cursor));
    const chosen = selected()?.id;
    for (const row of fresh) {
      row.dataset.page = cursor;
      row.setAttribute("aria-selected", String(row.id === chosen));
    }
    renew(fresh);
    settle();
  } catch {
    // The next look tries again.
  }
}

/** @param {boolean} wasShown */
function showStrip(wasShown) {
  const strip = need("strip");
  // The list's own template names the sentence.
  strip.textContent = say(/** @type {Word} */ (box().dataset.arrived ?? "arrived"), { n: arrived });
  if (wasShown) return;
  const top = box().scrollTop;
  strip.hidden = false;
  options()?.classList.add("below-strip");
  box().scrollTop = top + STRIP_PX;
}

function hideStrip() {
  need("strip").hidden = true;
  options()?.classList.remove("below-strip");
}

/** Somebody asked for what changes the whole list: it may move once, wherever the hand is. */
export function letMove() {
  mayMove = true;
}

export function showWaiting() {
  if (waiting) showAll(waiting, false);
}

/**
 * Take out rows at once; return what puts them back.
 * @param {Row[]} gone
 */
export function takeOut(...gone) {
  const places = gone.map((row) => rows().indexOf(row));
  setRows(rows().filter((row) => !gone.includes(row)));
  for (const row of gone) takenOut.add(row.id);
  return () => {
    for (const row of gone) takenOut.delete(row.id);
    setRows(putBack(rows(), gone, places));
  };
}

/** Another density: the same row stays first in sight. */
export function redraw() {
  const virtual = view();
  if (!virtual) return;
  const { first } = virtual;
  virtual.render();
  if (first) box().scrollTop = virtual.list.offsetTop + rows().indexOf(first) * virtual.height;
  virtual.render();
}
