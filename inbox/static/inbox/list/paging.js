// @ts-check
// More rows: the next page when the end comes near, and a page further down made new.
import { Backoff } from "../connection/backoff.js";
import { find } from "../page/dom.js";
import { load } from "../page/page.js";
import { wait } from "../page/wait.js";
import { mark as markPicked } from "./picked.js";
import { keepMeant, neighbour, open } from "./selection.js";
import { box, cursorIn, nextPage, rows, rowsIn, setNextPage, setRows } from "./shown.js";

const PAGE = 50; // parsed within a frame
const WALK_MS = 120;
const NEAR_PX = 400;
const again = new Backoff(2_000, 30_000); // until a page that could not be had is asked for again
/** @type {Promise<boolean> | null} */
let loading = null;
let isFilling = false;

/** Whatever changed the rows: what was picked and meant still is, and the end may be near. */
export function settle() {
  document.getElementById("more")?.toggleAttribute("hidden", true);
  markPicked(rows());
  keepMeant();
  loadMore();
}

/** Load pages for as long as the end is near; one that cannot be had is asked for again, also if nobody scrolls. */
export async function loadMore() {
  if (isFilling) return;
  isFilling = true;
  try {
    while (nextPage() && isEndNear()) {
      if (await loadNext()) again.reset();
      else await wait(again.next());
    }
  } finally {
    isFilling = false;
  }
}

/** Of a list that is out of sight, or gone, no end is near. */
function isEndNear() {
  const { clientHeight = 0, scrollHeight = 0, scrollTop = 0 } = find("rows") ?? {};
  return clientHeight > 0 && scrollTop + 2 * clientHeight > scrollHeight - NEAR_PX;
}

/**
 * Load until so many rows are there, or all. Return whether that came true; false: a page could not be had.
 * @param {number} count
 */
export async function loadRows(count) {
  while (nextPage() && rows().length < count) if (!(await loadNext())) return false;
  return true;
}

/**
 * Go to the next row or the one before, be it loaded or not. It opens when the hand rests.
 * @param {number} step
 */
export async function walk(step) {
  if (step > 0 && !neighbour(step)) await loadNext();
  open(neighbour(step), { wait: WALK_MS });
}

/** Resolve when the next page is there, or another one has become the next; to false when it cannot be had. */
function loadNext() {
  const cursor = nextPage();
  if (!cursor) return Promise.resolve(true);
  loading ??= loadPage(cursor).finally(() => {
    loading = null;
  });
  return loading;
}

/** @param {string} cursor */
async function loadPage(cursor) {
  try {
    const source = await readPage(cursor);
    if (cursor !== nextPage()) return true;
    const known = new Set(rows().map((row) => row.id));
    const fresh = rowsIn(source).filter((row) => !known.has(row.id));
    for (const row of fresh) row.dataset.page = cursor;
    setNextPage(cursorIn(source));
    setRows([...rows(), ...fresh.map((row) => document.adoptNode(row))]);
    settle();
    return true;
  } catch {
    return false;
  }
}

/**
 * Return a page of rows as a document.
 * @param {string} cursor
 */
export function readPage(cursor) {
  return load(box().dataset.href ?? "", { part: "rows", extra: { cursor, count: String(PAGE) } });
}
