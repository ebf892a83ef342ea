// @ts-check
// The inbox's addresses. Addresses of one place open in place; from one place to another the page is loaded. Pure.

/**
 * Return the place that a path belongs to, or null if it is no page of the inbox.
 * @param {string} path
 * @returns {"works" | "inbox" | null}
 */
export function placeOf(path) {
  if (path === "/works" || path.startsWith("/works/")) return "works";
  return path === "/" || /^\/[cdn]\//.test(path) ? "inbox" : null;
}

/**
 * Tell whether a path is a page of the inbox.
 * @param {string} path
 */
export function isInbox(path) {
  return placeOf(path) !== null;
}

/**
 * Return the path of the list beside which everything at `path` opens.
 * @param {string} path
 */
export function listPathOf(path) {
  return placeOf(path) === "works" ? "/works" : "/";
}

/**
 * Return the account of what is open at `url` as a query string, where its id alone may be of several; else an empty one.
 * @param {URL} url
 */
export function accountIn(url) {
  const account = url.searchParams.get("account_id");
  return account ? `?${new URLSearchParams({ account_id: account })}` : "";
}

/**
 * Return the link that a colleague opens, without the list beside it.
 * @param {string} href
 */
export function linkOf(href) {
  const url = new URL(href);
  return `${url.origin}${url.pathname}${accountIn(url)}`;
}

/**
 * Return the address of a thread, of whatever account.
 * @param {{id: string, account: string, isConversation: boolean}} thread
 */
export function addressOfThread({ id, account, isConversation }) {
  return `${isConversation ? "/c/" : "/d/"}${encodeURIComponent(id)}?${new URLSearchParams({ account_id: account })}`;
}
