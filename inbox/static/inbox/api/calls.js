// @ts-check
// The calls of the REST API that several parts of the page make. Pure: nothing is sent here.

/**
 * A write: method, path below /api/im/ without a leading slash, and the body if it has one.
 * @typedef {[method: "GET" | "POST" | "PUT" | "DELETE", path: string, body?: object]} Call
 */

/**
 * Return the call that reads a thread, or a row of the list: what is unread in it, if that is told, else it as a whole.
 * @param {{route?: string | undefined, unreadIds?: string | undefined, account?: string | undefined}} facts
 *   `unreadIds`: a list of ids as JSON, of this `account`
 * @returns {Call}
 */
export function readOf({ route, unreadIds, account }) {
  if (unreadIds) {
    return ["PUT", "unified-messages/read-many", { account_id: account, message_ids: JSON.parse(unreadIds) }];
  }
  return ["PUT", `${route}/read`];
}

/**
 * Return the address of a path below /api/im/. The route of an item may name its account (`conversations/x?account_id=a`),
 * and what is done with the item is written behind the route (`…?account_id=a/read`): the account goes to the end.
 * @param {string} path
 */
export function addressOf(path) {
  return `/api/im/${path.replace(/^([^?]*)(\?account_id=[^/&]*)(\/.*)$/, "$1$3$2")}`;
}
