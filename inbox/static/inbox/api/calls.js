// @ts-check
// The calls of the REST API that several parts of the page make. Pure: nothing is sent here.

/**
 * A write: method, path below /api/im/ without a leading slash, and the body if it has one.
 * @typedef {[method: "GET" | "POST" | "PUT" | "DELETE", path: string, body?: object]} Call
 */

const MOST_IDS = 500; // the body of a request that outlives its page has 64 KB at most

/**
 * Return the calls that read a thread, or a row of the list: what is unread in it, if that is told, else it as a whole.
 * @param {{route?: string | undefined, unreadIds?: string | undefined, account?: string | undefined}} facts
 *   `unreadIds`: a list of ids as JSON, of this `account`
 * @returns {Call[]}
 */
export function readsOf({ route, unreadIds, account }) {
  if (!unreadIds) return [["PUT", `${route}/read`]];
  /** @type {string[]} */
  const ids = JSON.parse(unreadIds);
  /** @type {Call[]} */
  const calls = [];
  for (let at = 0; at < ids.length; at += MOST_IDS) {
    const some = ids.slice(at, at + MOST_IDS);
    calls.push(["PUT", "unified-messages/read-many", { account_id: account, message_ids: some }]);
  }
  return calls;
}

/**
 * Return the address of a path below /api/im/. The route of an item may name its account (`conversations/x?account_id=a`),
 * and what is done with the item is written behind the route (`…?account_id=a/read`): the account goes to the end.
 * @param {string} path
 */
export function addressOf(path) {
  return `/api/im/${path.replace(/^([^?]*)(\?account_id=[^/&]*)(\/.*)$/, "$1$3$2")}`;
}
