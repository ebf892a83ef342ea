// @ts-check
// How long somebody waits, and whether that is long. Pure; inbox/formatting.py says the same when it renders the page.
import { splitAge } from "../words/ago.js";

/** @import {Unit} from "../words/ago.js" */
/** @import {Word} from "../words/catalogue.js" */

/** @type {Record<Unit, Word>} */
const WAITING = { s: "just_now", min: "waiting_minutes", h: "waiting_hours", d: "waiting_days" };
/** @type {Record<Unit, Word>} */
const BARE = { s: "just_now", min: "minutes", h: "hours", d: "days" };

/**
 * Return which sentence says how long somebody waits, and its number: in minutes, or that it is just now.
 * @param {number} age ms, not negative
 * @param {boolean} isBare without the word "waiting", which stands beside it
 * @returns {[key: Word, values: {n: number}]}
 */
export function chooseWaiting(age, isBare) {
  const [unit, count] = splitAge(age);
  return [(isBare ? BARE : WAITING)[unit], { n: unit === "s" ? 0 : count }];
}

/**
 * Return how an age looks: empty, long, too long.
 * @param {number} age ms
 * @param {{warn: number, bad: number}} limits ms
 * @returns {"" | "warn" | "bad"}
 */
export function toneOf(age, { warn, bad }) {
  return age >= bad ? "bad" : age >= warn ? "warn" : "";
}
