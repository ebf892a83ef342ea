// @ts-check
// What can go wrong with a request, and what it means. Pure.

const AWAY = new Set([502, 503, 504]);

/** The hub answered, and not with 2xx. */
export class Refused extends Error {
  /**
   * @param {number} status the HTTP status
   * @param {string} [why] what the hub says
   * @param {string | null} [requestId] the number under which the hub's log has it
   * @param {unknown} [data] what the hub adds to it
   */
  constructor(status, why, requestId = null, data = null) {
    super(why ?? `HTTP ${status}`);
    this.status = status;
    this.requestId = requestId;
    this.data = data;
  }
}

/** The hub led the request to the login page. */
export class SignedOut extends Error {}

/**
 * Tell whether the hub could not be asked at all: no network, no answer in time, or a proxy without a hub behind it.
 * @param {unknown} error what a request threw
 */
export function isAway(error) {
  if (error instanceof Refused) return AWAY.has(error.status);
  return error instanceof TypeError || (error instanceof Error && error.name === "TimeoutError");
}

/**
 * Tell whether the hub refused because it is not allowed.
 * @param {unknown} error what a request threw
 */
export function isForbidden(error) {
  return error instanceof Refused && error.status === 403 && !isStale(error);
}

/**
 * Tell whether the page's token is of an earlier session: another window signed in. Nothing was done.
 * @param {unknown} error what a request threw
 */
export function isStale(error) {
  return error instanceof Refused && error.status === 403 && error.message.startsWith("CSRF Failed");
}
