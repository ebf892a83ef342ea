// @ts-check
// When a key sends, how long a reply may be, and whether somebody answered meanwhile. Pure.

import { Refused } from "../api/failures.js";

export const MOST_CHARS = 500;
const SOON_FULL = 450;
const SERVER_ERROR = 500;
const NOWHERE = new Set(["cancelled", "failed", "refused"]);

/**
 * The parts of a key press that decide.
 * @typedef {{key: string, shiftKey: boolean, ctrlKey: boolean, metaKey: boolean, altKey: boolean,
 *   isComposing: boolean, keyCode: number}} Press
 */

/**
 * Tell whether this key sends what was written. Never while an input method composes: there Enter takes a word.
 * @param {Press} press
 * @param {boolean} enterBreaks Enter breaks the line, and Shift Enter sends
 */
export function sends(press, enterBreaks) {
  const composes = press.isComposing || press.keyCode === 229; // 229: a browser that does not say that it composes
  if (press.key !== "Enter" || composes || press.altKey) return false;
  return press.ctrlKey || press.metaKey || press.shiftKey === enterBreaks;
}

/**
 * Return how many characters of a text count, as the hub counts them.
 * @param {string} text
 */
export const lengthOf = (text) => [...text.replace(/\r\n/g, "\n").trim()].length;

/**
 * Return how many characters are left, where that is worth a word; null where it is not. Negative: too many.
 * @param {string} text
 */
export function charsLeft(text) {
  const length = lengthOf(text);
  return length > SOON_FULL ? MOST_CHARS - length : null;
}

/**
 * Tell whether our side answered since the draft was begun. `shown`: the newest answer of a colleague that the page has.
 * A draft that does not know what the page showed asks nothing.
 * @param {{answer?: string | undefined} | null} draft
 * @param {string} shown
 */
export const isAnsweredSince = (draft, shown) =>
  draft !== null && draft.answer !== undefined && shown !== "" && shown !== draft.answer;

/**
 * Tell whether the hub refused for certain: after anything else nobody knows whether it has the reply.
 * @param {unknown} error what the request threw
 */
export const isCertain = (error) => error instanceof Refused && error.status < SERVER_ERROR;

/**
 * Tell whether a reply that the hub has is over without having been sent.
 * @param {unknown} reply
 */
export const wentNowhere = (reply) =>
  typeof reply === "object" && reply !== null && "state" in reply && NOWHERE.has(String(reply.state));

/** Return a new name for a reply: a UUID, also where the address is not https and the browser makes none. */
export function newClientId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
