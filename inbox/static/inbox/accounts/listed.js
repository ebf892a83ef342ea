// @ts-check
// The accounts that a list is of, as the server says them in an attribute: ids with spaces between, none for all. Pure.

/** @import {SeenAt} from "../api/shapes.js" */

/** @param {string | undefined} text */
export function parseIds(text) {
  return (text ?? "").split(" ").filter(Boolean);
}

/**
 * Return whether an account is one of the list's.
 * @param {string | undefined} id
 * @param {string[]} ids none for all
 */
export function isListed(id, ids) {
  return ids.length === 0 || (id !== undefined && ids.includes(id));
}

/**
 * Return when one of the list's accounts was last looked at, ms UTC; 0 if nothing is told of them.
 * @param {SeenAt} accounts
 * @param {string[]} ids none for all
 */
export function findLatest(accounts, ids) {
  const listed = Object.entries(accounts).filter(([id]) => isListed(id, ids));
  return Math.max(0, ...listed.flatMap(([, seen]) => Object.values(seen)));
}
