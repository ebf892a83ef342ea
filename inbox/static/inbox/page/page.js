// @ts-check
// The page at an address: fetched, shown, and kept as the server would render it now.
import { isWriting, writeMark } from "../api/api.js";
import { Refused, SignedOut } from "../api/failures.js";
import { isInbox, listPathOf, placeOf } from "./addresses.js";
import { around } from "./dom.js";
import { morphById } from "./morph.js";

/**
 * Values that are added to an address; an empty one is left out.
 * @typedef {Record<string, string | string[]>} Extra
 */

/**
 * A part of the page that is more than morphed. `extra()` adds to what is asked, `visitExtra(url)` when another address
 * opens.
 * @typedef {object} Part
 * @property {(source: Document, isNewAddress: boolean) => void} update
 * @property {() => Extra} [extra]
 * @property {(url: URL) => Extra} [visitExtra]
 */

/**
 * `leaving`: another address opens. `reached`: the hub answered. `read`: the page is as the hub had it after it was
 * asked, at `asked`, as performance.now() tells it.
 * `failed`: it could not be read.
 * @typedef {object} Listeners
 * @property {((url: URL) => void)[]} leaving
 * @property {(() => void)[]} reached
 * @property {((source: Document, asked: number) => void)[]} read
 * @property {((error: unknown) => void)[]} failed
 */

const TIMEOUT_MS = 15_000;
/** @type {Part[]} */
const parts = [];
/** @type {Listeners} */
const listeners = { leaving: [], reached: [], read: [], failed: [] };
let visit = 0;
/** @type {Promise<void> | null} */
let reading = null;
let again = false;
let askedAt = 0;

/** @param {Part} part */
export function addPart(part) {
  parts.push(part);
}

/**
 * @template {keyof Listeners} K
 * @param {K} name
 * @param {Listeners[K][number]} listener
 */
export function on(name, listener) {
  /** @type {Listeners[K][number][]} */ (listeners[name]).push(listener);
}

/**
 * Return a page, or a part of it, as a document. Throws SignedOut, and Refused on anything but 200.
 * @param {string} address
 * @param {{part?: string, extra?: Extra}} [options]
 */
export async function load(address, { part, extra = {} } = {}) {
  const url = new URL(address, location.href);
  for (const [name, value] of Object.entries(extra)) {
    url.searchParams.delete(name);
    for (const one of [value].flat()) if (one) url.searchParams.append(name, one);
  }
  const answer = await fetch(url, {
    headers: { Accept: "text/html", ...(part ? { "IMHub-Part": part } : {}) },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (answer.redirected && new URL(answer.url).pathname.startsWith("/login")) throw new SignedOut();
  if (!answer.ok) throw new Refused(answer.status, undefined, answer.headers.get("IMHub-Request"));
  for (const tell of listeners.reached) tell();
  const source = new DOMParser().parseFromString(await answer.text(), "text/html");
  await nextTask(); // a frame between reading a long page and showing it
  return source;
}

const nextTask = () => new Promise((resolve) => setTimeout(resolve));

/**
 * Open an address of the inbox in place.
 * @param {string} address
 * @param {{replace?: boolean}} [options]
 */
export async function go(address, { replace = false } = {}) {
  const url = new URL(address, location.href);
  if (placeOf(url.pathname) !== placeOf(location.pathname)) {
    location.assign(url);
    return;
  }
  visit += 1;
  const mine = visit;
  history[replace ? "replaceState" : "pushState"](null, "", url);
  for (const tell of listeners.leaving) tell(url);
  try {
    const extra = Object.assign({}, ...parts.map((part) => part.visitExtra?.(url) ?? {}));
    const asked = askNow();
    const source = await load(url.href, { extra });
    if (mine === visit) show(source, true, asked);
  } catch (error) {
    if (mine !== visit) return;
    if (isGone(error)) location.assign(url);
    else for (const tell of listeners.failed) tell(error);
  }
}

/** @param {unknown} error */
const isGone = (error) => error instanceof Refused && error.status === 404;

/** Read the page anew. Calls that come meanwhile are answered by one more round. */
export function refresh() {
  if (reading) {
    again = true;
    return reading;
  }
  reading = rounds().finally(() => {
    reading = null;
  });
  return reading;
}

/**
 * Read the page anew, unless it was asked for after `moment` already.
 * @param {number} moment as performance.now() tells it
 */
export function refreshSince(moment) {
  if (askedAt <= moment) refresh();
}

async function rounds() {
  do {
    again = false;
    const mine = visit;
    const mark = writeMark();
    try {
      const extra = Object.assign({}, ...parts.map((part) => part.extra?.() ?? {}));
      const asked = askNow();
      const source = await load(location.href, { extra });
      if (mine !== visit) continue; // what was heard meanwhile is still to be read
      if (mark === writeMark() && !isWriting()) show(source, false, asked);
      else if (!isWriting()) again = true;
    } catch (error) {
      if (isGone(error) && mine === visit) location.reload();
      for (const tell of listeners.failed) tell(error);
    }
  } while (again);
}

function askNow() {
  askedAt = performance.now();
  return askedAt;
}

/**
 * @param {Document} source
 * @param {boolean} isNewAddress
 * @param {number} asked
 */
function show(source, isNewAddress, asked) {
  for (const id of ["banner", "rail", "bottom"]) morphById(source, id);
  document.title = source.title;
  document.body.dataset.view = source.body.dataset.view;
  const drawer = document.body.classList.contains("show-context") && !isNewAddress;
  document.body.className = source.body.className;
  document.body.classList.toggle("show-context", drawer);
  for (const part of parts) part.update(source, isNewAddress);
  for (const tell of listeners.read) tell(source, asked);
}

/** Links within the inbox open in place; back and forward too. */
export function startVisits() {
  document.addEventListener("click", (event) => {
    const link = around(event, "a[href]", HTMLAnchorElement);
    if (!link || event.defaultPrevented || isElsewhere(event)) return;
    if (link.origin !== location.origin || link.target || !isInbox(link.pathname) || !isInbox(location.pathname))
      return;
    event.preventDefault();
    link.closest("details")?.removeAttribute("open");
    go(link.href);
  });
  addEventListener("popstate", () => {
    if (isInbox(location.pathname)) go(location.href, { replace: true });
    else location.reload();
  });
}

/** Another button, or a key that opens a link elsewhere. */
export const isElsewhere = (/** @type {MouseEvent} */ event) =>
  Boolean(event.button) || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;

/** The list beside which everything here opens. */
export const listPath = () => listPathOf(location.pathname);
