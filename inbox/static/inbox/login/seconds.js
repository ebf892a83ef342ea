// @ts-check
// Counts the seconds until a login code is renewed. Pure but for the page that it is given.
import { all } from "../page/dom.js";

/**
 * Renew the seconds in `place`.
 * @param {ParentNode} place
 * @param {number} now the server's clock, ms UTC
 */
export function tickSeconds(place, now) {
  for (const one of all(place, "[data-until]")) one.textContent = String(secondsUntil(Number(one.dataset.until), now));
}

/**
 * Return the whole seconds from `now` until `until` (ms UTC), never negative.
 * @param {number} until
 * @param {number} now
 */
export const secondsUntil = (until, now) => Math.max(0, Math.floor((until - now) / 1000));
