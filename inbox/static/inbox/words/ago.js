// @ts-check
// How long ago something was, as words say it. Pure; inbox/formatting.py says the same when it renders the page.

/** @import {Word} from "./catalogue.js" */

/** @typedef {"s" | "min" | "h" | "d"} Unit */

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
const JUST_NOW = 5_000;

/** @type {Record<Unit, Word>} */
const AGO = { s: "seconds_ago", min: "minutes_ago", h: "hours_ago", d: "days_ago" };

/**
 * Return the unit in which people speak of an age, and how many of it. Hours go on for two days.
 * @param {number} age ms
 * @returns {[unit: Unit, count: number]}
 */
export function splitAge(age) {
  if (age < MINUTE) return ["s", Math.floor(age / 1000)];
  if (age < HOUR) return ["min", Math.floor(age / MINUTE)];
  if (age < 2 * DAY) return ["h", Math.floor(age / HOUR)];
  return ["d", Math.floor(age / DAY)];
}

/**
 * Return which sentence says that something was so long ago, and its number.
 * @param {number} age ms, not negative
 * @returns {[key: Word, values: {n: number}]}
 */
export function chooseAgo(age) {
  if (age < JUST_NOW) return ["just_now", { n: 0 }];
  const [unit, n] = splitAge(age);
  return [AGO[unit], { n }];
}
