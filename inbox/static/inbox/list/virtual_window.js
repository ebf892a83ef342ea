// @ts-check
// Which rows of one height are in sight, and where to scroll. Pure; all lengths in px.

/**
 * `top`: how far the box is scrolled below the first row's upper edge. `size`: the height of the box.
 * @typedef {{top: number, size: number, height: number, count: number}} Sight
 */

const OVERSCAN = 16;

/**
 * Return the range of rows that are to be in the page, and the heights of the gaps that stand for all others.
 * @param {Sight} sight
 */
export function windowOf({ top, size, height, count }) {
  const from = Math.max(0, Math.floor(top / height) - OVERSCAN);
  const to = Math.min(count, from + Math.ceil(size / height) + 2 * OVERSCAN);
  return { from, to, before: Math.min(from, count) * height, after: Math.max(0, count - to) * height };
}

/**
 * Return the index of the row that is first in sight; it may be beyond the last row.
 * @param {Pick<Sight, "top" | "height">} sight
 */
export function firstInSight({ top, height }) {
  return Math.max(0, Math.floor(top / height));
}

/**
 * Return where to scroll so that a row is in sight, as little as possible: the new `top`.
 * @param {number} index
 * @param {Pick<Sight, "top" | "size" | "height">} sight
 */
export function reveal(index, { top, size, height }) {
  const upper = index * height;
  if (upper < top) return upper;
  return upper + height > top + size ? upper + height - size : top;
}
