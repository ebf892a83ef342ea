// @ts-check
// Which rows stand where when the server's answer meets what is shown. Pure: rows are anything with an id.

/** As many rows as the server answers at most. */
export const HEAD = 200;
const FIRST = 50;

/**
 * Return how many rows to ask for: what is shown, and what may have come.
 * @param {number} shown
 */
export function askedCount(shown) {
  return Math.min(HEAD, Math.max(FIRST, shown) + FIRST);
}

/**
 * Return how many of the shown rows the server's answer speaks of: all if it is the whole list, else those down to its
 * end. It answers some first ones, and it may have been asked before more were loaded. New rows in it push others below
 * its end; of the last two known ones the upper counts, because one may have come there from elsewhere.
 * @param {{id: string}[]} shown
 * @param {{id: string}[]} fresh
 * @param {boolean} hasMore whether the server has more than it answered
 */
function reachOf(shown, fresh, hasMore) {
  if (!hasMore) return shown.length;
  const places = new Map(shown.map((row, index) => [row.id, index]));
  const last = fresh.flatMap((row) => places.get(row.id) ?? []).slice(-2);
  return last.length ? Math.min(...last) + 1 : shown.length;
}

/**
 * Return the shown rows that stay below the server's answer: of those it says nothing.
 * @template {{id: string}} T
 * @param {T[]} shown
 * @param {{id: string}[]} fresh
 * @param {boolean} hasMore whether the server has more than it answered
 */
export function keptBelow(shown, fresh, hasMore) {
  const ids = idsOf(fresh);
  return shown.slice(reachOf(shown, fresh, hasMore)).filter((row) => !ids.has(row.id));
}

/**
 * Return which of the rows that the answer speaks of leave, if none may move: each with whether the answer lacks it.
 * @template {{id: string}} T
 * @param {T[]} shown
 * @param {{id: string}[]} fresh
 * @param {boolean} hasMore whether the server has more than it answered
 * @returns {[row: T, isLeaving: boolean][]}
 */
export function planLeaving(shown, fresh, hasMore) {
  const known = idsOf(fresh);
  return shown.slice(0, reachOf(shown, fresh, hasMore)).map((row) => [row, !known.has(row.id)]);
}

/**
 * Return the place of the first row in sight among the rows as they will be: of itself, else of the next one that
 * stays. -1: none of them stays.
 * @param {{id: string}[]} sight the rows in sight
 * @param {{id: string}[]} rows
 * @returns {{place: number, from: number}} `from`: how many rows further down in sight it stands
 */
export function placeOfSight(sight, rows) {
  const places = new Map(rows.map((row, index) => [row.id, index]));
  const from = sight.findIndex((row) => places.has(row.id));
  return { place: places.get(sight[from]?.id ?? "") ?? -1, from };
}

/**
 * Return the rows with those that were taken out, each at its old place, unless it is there again.
 * @template {{id: string}} T
 * @param {T[]} rows
 * @param {T[]} gone
 * @param {number[]} places of `gone`
 */
export function putBack(rows, gone, places) {
  const ids = idsOf(rows);
  const now = [...rows];
  for (const [index, row] of gone.entries()) if (!ids.has(row.id)) now.splice(places[index] ?? 0, 0, row);
  return now;
}

/** @param {{id: string}[]} rows */
const idsOf = (rows) => new Set(rows.map((row) => row.id));
