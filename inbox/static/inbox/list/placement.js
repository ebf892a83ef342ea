// @ts-check
// Which rows stand where when the server's answer meets what is shown. Pure: rows are anything with an id.

/** As many rows as the server answers at most. */
export const HEAD = 200;
const FIRST = 50;

/**
 * Return how many rows to ask for: what is shown, and what may have come.
 * @param {number} shown
 * @param {number} arrived rows that came and are not shown
 */
export function askedCount(shown, arrived) {
  return Math.min(HEAD, Math.max(FIRST, shown) + arrived + FIRST);
}

/**
 * Return the shown rows that stay below the server's answer: it answers the first ones, those further down stay.
 * @template {{id: string}} T
 * @param {T[]} shown
 * @param {{id: string}[]} fresh
 * @param {boolean} hasMore whether the server has more than it answered
 */
export function keptBelow(shown, fresh, hasMore) {
  if (!hasMore || fresh.length < HEAD) return [];
  const ids = idsOf(fresh);
  return shown.slice(fresh.length).filter((row) => !ids.has(row.id));
}

/**
 * Return what the server's answer means for rows that may not move: each of the first ones with whether it leaves, and
 * how many rows that are not shown came. What stands below the last shown row belongs to the next page, if there is one.
 * @template {{id: string}} T
 * @param {T[]} shown
 * @param {{id: string}[]} fresh
 * @param {boolean} hasNextPage
 * @returns {{head: [row: T, isLeaving: boolean][], arrived: number}}
 */
export function planInPlace(shown, fresh, hasNextPage) {
  const [known, places] = [idsOf(fresh), idsOf(shown)];
  const last = hasNextPage ? fresh.findLastIndex((row) => places.has(row.id)) + 1 : fresh.length;
  return {
    head: shown.slice(0, HEAD).map((row) => [row, !known.has(row.id)]),
    arrived: fresh.slice(0, last).filter((row) => !places.has(row.id)).length,
  };
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
