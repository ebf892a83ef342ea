// @ts-check
// Which actions fit the rows that are picked, and whether an action is on for all of them already. Pure.

/** @typedef {"read" | "done" | "pin" | "mute" | "remove"} BulkAction */

/** @type {Record<BulkAction, (facts: DOMStringMap) => boolean>} */
const FITS = {
  read: ({ unread, route, unreadIds }) => unread !== "0" && Boolean(route || unreadIds),
  done: ({ waits }) => waits === "true",
  pin: ({ kind }) => kind === "direct_message",
  mute: ({ kind }) => kind === "direct_message",
  remove: ({ route }) => Boolean(route),
};

/**
 * Return for each action whether it does something to any of the rows.
 * @param {DOMStringMap[]} rows their data attributes
 * @returns {Record<BulkAction, boolean>}
 */
export function fitting(rows) {
  const mine = rows.filter((facts) => facts.mayWrite !== "false");
  const names = /** @type {BulkAction[]} */ (Object.keys(FITS));
  const all = names.map((name) => [name, mine.some((facts) => FITS[name](facts))]);
  return /** @type {Record<BulkAction, boolean>} */ (Object.fromEntries(all));
}

/**
 * Tell whether all conversations among the rows are pinned, or muted: then the action takes it away.
 * @param {DOMStringMap[]} rows
 * @param {"pinned" | "muted"} fact
 */
export function isOnForAll(rows, fact) {
  const conversations = rows.filter(({ kind }) => kind === "direct_message");
  return conversations.length > 0 && conversations.every((facts) => facts[fact] === "true");
}

/**
 * Return the rows from one to another, both included, whichever stands first.
 * @template T
 * @param {T[]} rows
 * @param {T} from
 * @param {T} to
 * @returns {T[]}
 */
export function between(rows, from, to) {
  const [a, b] = [rows.indexOf(from), rows.indexOf(to)];
  if (a < 0) return [to];
  return rows.slice(Math.min(a, b), Math.max(a, b) + 1);
}
