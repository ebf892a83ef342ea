// @ts-check
// The rows. They never move under the hand: what changes meanwhile is shown in place, and their order soon after the hand
// left. A line in the head says who is new or wrote again and was not seen yet.
import { all, around, find, need } from "../page/dom.js";
import { morph, morphById } from "../page/morph.js";
import { addPart } from "../page/page.js";
import { say } from "../words/words.js";
import { Hand } from "./hand.js";
import { News, parseNewest } from "./news.js";
import { loadMore, loadRows, readPage, settle } from "./paging.js";
import { pickedIn } from "./picked.js";
import { askedCount, keptBelow, placeOfSight, planLeaving, putBack } from "./placement.js";
import { renewed } from "./rendered.js";
import { select, selected } from "./selection.js";
import { box, cursorIn, nextPage, rows, rowsIn, setNextPage, setRows, takeRows, view } from "./shown.js";
import { hideSkeleton, startSkeleton } from "./skeleton.js";

/** @import {Row} from "./virtual.js" */
/** @import {Word} from "../words/catalogue.js" */

const LOOK_AGAIN_MS = 1_000;
const FOUND_MS = 2_500;
const MOST_ROWS = 2_000; // as many are looked through for somebody who is new
const hand = new Hand();
const news = new News();
/** @type {HTMLElement | null} the rows as the server has them, while they may not be shown */
let waiting = null;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let letting;
let mayMove = false;
/** @type {Set<string>} ids of rows whose write the page may not have seen yet */
const takenOut = new Set();

export function startList() {
  addPart({ update, extra: asMany, visitExtra: (url) => (isThisList(url) ? asMany() : {}) });
  startSkeleton();
  const list = need("list");
  watchHand(list);
  list.addEventListener("click", (event) => {
    if (around(event, "#news")) goToNews();
    const row = around(event, ".row", HTMLAnchorElement);
    if (row && !event.ctrlKey && !event.metaKey && !event.defaultPrevented) select(row);
  });
  document.addEventListener("visibilitychange", showNews);
  take();
  news.begin(parseNewest(box().dataset.newest));
}

/** @param {HTMLElement} list */
function watchHand(list) {
  const moved = (/** @type {boolean} */ isInside) => {
    hand.moved(isInside, Date.now());
    watch();
  };
  list.addEventListener("pointermove", (event) => {
    if (event.pointerType === "mouse") moved(Boolean(around(event, "#rows")));
  });
  list.addEventListener("pointerleave", () => moved(false));
  for (const name of ["pointerdown", "wheel", "touchmove"])
    list.addEventListener(name, (event) => around(event, "#rows") && hand.acted(Date.now()), { passive: true });
  document.addEventListener("keydown", (event) => {
    if (!around(event, "input, textarea, select, dialog")) hand.acted(Date.now());
  });
}

const asMany = () => ({ count: String(askedCount(rows().length)) });

/** @param {URL} url */
function isThisList(url) {
  const place = find("rows");
  return place !== null && new URL(place.dataset.href ?? "", location.href).search === url.search;
}

function take() {
  takeRows();
  box().addEventListener("scroll", scrolled, { passive: true });
  settle();
}

function scrolled() {
  loadMore();
  if (news.ids.size) showNews();
}

/** Nobody wants rows to move that a hand is on, or that are being picked. */
const isHeld = () => hand.isIn(Date.now()) || pickedIn(rows()).length > 0;

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
  const isSameList = next.dataset.list === box().dataset.list;
  const newest = parseNewest(next.dataset.newest);
  if (isSameList) news.take(newest);
  else news.begin(newest);
  if (isSameList && isHeld() && rows().length && !mayMove) updateInPlace(next);
  else showAll(next, isSameList);
  mayMove = false;
  showNews();
}

/** Let go of the rows once the hand is away for long enough. */
function watch() {
  clearTimeout(letting);
  if (waiting) letting = setTimeout(letGo, Math.max(LOOK_AGAIN_MS, hand.freeAt - Date.now()));
}

function letGo() {
  if (!waiting) return;
  if (isHeld()) watch();
  else {
    showAll(waiting, true);
    showNews();
  }
}

/**
 * @param {HTMLElement} next
 * @param {boolean} isSameList
 */
function showAll(next, isSameList) {
  waiting = null;
  clearTimeout(letting);
  for (const row of rowsIn(next)) if (takenOut.has(row.id)) row.remove();
  const virtual = view();
  if (!rowsIn(next).length || !virtual) {
    morph(box(), next);
    take();
  } else {
    box().dataset.list = next.dataset.list;
    box().dataset.href = next.dataset.href;
    const { sight, cut } = virtual;
    const isScrolled = box().scrollTop > 0;
    follow(next, isSameList);
    if (!isSameList) box().scrollTop = 0;
    else if (isScrolled) keepSight(sight, cut);
    virtual.render();
  }
  settle();
}

/**
 * Whoever scrolled goes on seeing the same rows.
 * @param {Row[]} sight
 * @param {number} cut
 */
function keepSight(sight, cut) {
  const { place, from } = placeOfSight(sight, rows());
  if (place >= 0) view()?.startAt(place - from, cut);
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
  for (const [row, isLeaving] of planLeaving(rows(), fresh, cursorIn(next) !== null))
    row.classList.toggle("leaving", isLeaving);
  renew(fresh);
  waiting = next;
  watch();
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

// -- who is new

function showNews() {
  if (document.visibilityState === "visible") news.see(idsInSight());
  const line = find("news");
  if (!line) return;
  const n = news.ids.size;
  line.hidden = n === 0;
  if (!n) return;
  // The list's own template names the sentences.
  line.textContent = say(/** @type {Word} */ (line.dataset.short ?? "arrived"), { n });
  line.title = say(/** @type {Word} */ (line.dataset.long ?? "arrived_show"), { n });
}

/** The rows that somebody has before their eyes, without the prefix of their ids. */
const idsInSight = () => (view()?.sight ?? []).map(newsId);

/** @param {Row} row */
const newsId = (row) => row.id.replace(/^row-/, "");

/**
 * Go to the first who is new or wrote again, wherever the order puts them, and mark the row for a moment. Where a page on
 * the way cannot be had, they stay announced.
 */
export async function goToNews() {
  const ids = new Set(news.ids);
  if (!ids.size) return;
  if (waiting) showAll(waiting, true);
  const first = () => rows().find((row) => ids.has(newsId(row)));
  while (!first() && nextPage() && rows().length < MOST_ROWS) if (!(await loadRows(rows().length + 1))) return;
  const row = first();
  if (row) point(row);
  else news.see(ids);
  showNews();
}

/** @param {Row} row */
function point(row) {
  view()?.reveal(row);
  for (const other of all(box(), ".row.found")) other.classList.remove("found");
  row.classList.add("found");
  setTimeout(() => row.classList.remove("found"), FOUND_MS);
}

/** Somebody asked for what changes the whole list: it may move once, wherever the hand is. */
export function letMove() {
  mayMove = true;
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
