// @ts-check
// How fresh an account is: by the worse of its looks, against limits that the server says. Pure.

/** @import {SeenAt} from "../api/shapes.js" */

/**
 * When a surface was last looked at, ms UTC, and up to which age (ms) that is fresh, or late.
 * @typedef {{surface: string, at: number, fresh: number, late: number}} Look
 * @typedef {"ok" | "wait" | "act"} Tone fresh, late, stale
 */

/** @type {Tone[]} */
const TONES = ["ok", "wait", "act"];

/**
 * Read the attribute in which the server says them: `surface:at:fresh:late`, separated by spaces.
 * @param {string} text
 * @returns {Look[]}
 */
export function parseLooks(text) {
  return text.split(" ").map((look) => {
    const [surface = "", at, fresh, late] = look.split(":");
    return { surface, at: Number(at), fresh: Number(fresh), late: Number(late) };
  });
}

/**
 * Return the attribute again.
 * @param {Look[]} looks
 */
export function formatLooks(looks) {
  return looks.map(({ surface, at, fresh, late }) => [surface, at, fresh, late].join(":")).join(" ");
}

/**
 * Return the looks with the moments that the hub tells.
 * @param {Look[]} looks
 * @param {SeenAt[string]} seen
 */
export function renewLooks(looks, seen) {
  return looks.map((look) => ({ ...look, at: seen[look.surface] ?? look.at }));
}

/**
 * Return the worst look, of equal ones the first, and what its age means.
 * @param {Look[]} looks at least one
 * @param {number} now ms UTC
 * @returns {{at: number, tone: Tone}}
 */
export function gradeOf(looks, now) {
  const grade = (/** @type {Look} */ { at, fresh, late }) => Number(now - at > fresh) + Number(now - at > late);
  const worst = looks.reduce((a, b) => (grade(b) > grade(a) ? b : a));
  return { at: worst.at, tone: TONES[grade(worst)] ?? "act" };
}
