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
