// @ts-check
// More rows: the next page when the end comes near, and a page further down made new.
import { load } from "../page/page.js";
import { mark as markPicked } from "./picked.js";
import { keepMeant, neighbour, open } from "./selection.js";
import { box, cursorIn, nextPage, rows, rowsIn, setNextPage, setRows } from "./shown.js";

const PAGE = 50; // parsed within a frame
const WALK_MS = 120;
const NEAR_PX = 400;
/** @type {Promise<boolean> | null} */
let loading = null;

/** Whatever changed the rows: what was picked and meant still is, and the end may be near. */
export function settle() {
  document.getElementById("more")?.toggleAttribute("hidden", true);
  markPicked(rows());
  keepMeant();
  loadMore();
}

export function loadMore() {
  const near = box().scrollTop + 2 * box().clientHeight > box().scrollHeight - NEAR_PX;
  if (near) loadNext();
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
    return false; // The next scroll tries again.
  }
}

/**
 * Return a page of rows as a document.
 * @param {string} cursor
 */
export function readPage(cursor) {
  return load(box().dataset.href ?? "", { part: "rows", extra: { cursor, count: String(PAGE) } });
}
