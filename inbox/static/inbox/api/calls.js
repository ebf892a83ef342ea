// @ts-check
// The calls of the REST API that several parts of the page make. Pure: nothing is sent here.

/**
 * A write: method, path below /api/im/ without a leading slash, and the body if it has one.
 * @typedef {[method: "GET" | "POST" | "PUT" | "DELETE", path: string, body?: object]} Call
 */

/**
 * Return the call that reads a thread, or a row of the list: what is unread in it, if that is told, else it as a whole.
 * @param {{route?: string | undefined, unreadIds?: string | undefined}} facts `unreadIds`: a list of ids as JSON
 * @returns {Call}
 */
export function readOf({ route, unreadIds }) {
  if (unreadIds) return ["PUT", "unified-messages/read-many", { message_ids: JSON.parse(unreadIds) }];
  return ["PUT", `${route}/read`];
}
