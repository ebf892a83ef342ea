// The page at an address: fetched, shown, and kept as the server would render it now.
import { isWriting, writeMark } from "../api/api.js";
import { morphById } from "./morph.js";

const TIMEOUT_MS = 15_000;
const parts = [];
const listeners = { leaving: [], reached: [], read: [], failed: [] };
let visit = 0;
let reading = null;
let again = false;

/** `update(source, isNewAddress)` of a part of the page that is more than morphed; `extra()` adds to what is asked,
 * `visitExtra(url)` when another address opens. */
export function addPart(part) {
  parts.push(part);
}

export function on(name, listener) {
  listeners[name].push(listener);
}

/** A page or a part of it as a document. Throws on anything but 200. */
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
  if (answer.redirected && new URL(answer.url).pathname.startsWith("/login")) {
    throw Object.assign(new Error("signed out"), { signedOut: true });
  }
  if (!answer.ok) {
    const requestId = answer.headers.get("IMHub-Request");
    throw Object.assign(new Error(`HTTP ${answer.status}`), { status: answer.status, requestId });
  }
  for (const tell of listeners.reached) tell();
  const source = new DOMParser().parseFromString(await answer.text(), "text/html");
  await nextTask(); // a frame between reading a long page and showing it
  return source;
}

const nextTask = () => new Promise((resolve) => setTimeout(resolve));

/** Opens an address of the inbox in place. */
export async function go(address, { replace = false } = {}) {
  const url = new URL(address, location.href);
  if (placeOf(url.pathname) !== placeOf(location.pathname)) return location.assign(url);
  const mine = ++visit;
  history[replace ? "replaceState" : "pushState"](null, "", url);
  for (const tell of listeners.leaving) tell(url);
  try {
    const extra = Object.assign({}, ...parts.map((part) => part.visitExtra?.(url) ?? {}));
    const source = await load(url, { extra });
    if (mine === visit) show(source, true);
  } catch (error) {
    if (mine !== visit) return;
    if (error.status === 404) location.assign(url);
    else for (const tell of listeners.failed) tell(error);
  }
}

/** Reads the page anew. Calls that come meanwhile are answered by one more round. */
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

async function rounds() {
  do {
    again = false;
    const mine = visit;
    const mark = writeMark();
    try {
      const extra = Object.assign({}, ...parts.map((part) => part.extra?.() ?? {}));
      const source = await load(location.href, { extra });
      if (mine !== visit) return;
      if (mark === writeMark() && !isWriting()) show(source, false);
      else if (!isWriting()) again = true;
    } catch (error) {
      if (error.status === 404) location.reload();
      for (const tell of listeners.failed) tell(error);
    }
  } while (again);
}

function show(source, isNewAddress) {
  for (const id of ["banner", "rail", "bottom"]) morphById(source, id);
  document.title = source.title;
  document.body.dataset.view = source.body.dataset.view;
  const drawer = document.body.classList.contains("show-context") && !isNewAddress;
  document.body.className = source.body.className;
  document.body.classList.toggle("show-context", drawer);
  for (const part of parts) part.update(source, isNewAddress);
  for (const tell of listeners.read) tell(source);
}

/** Links within the inbox open in place; back and forward too. */
export function startVisits() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    if (link.origin !== location.origin || link.target || !isInbox(link.pathname) || !isInbox(location.pathname)) return;
    event.preventDefault();
    link.closest("details")?.removeAttribute("open");
    go(link.href);
  });
  addEventListener("popstate", () => (isInbox(location.pathname) ? go(location.href, { replace: true }) : location.reload()));
}

export function isInbox(path) {
  return placeOf(path) !== null;
}

/** Addresses of one place open in place; from one to another the page is loaded. */
function placeOf(path) {
  if (path === "/works" || path.startsWith("/works/")) return "works";
  return path === "/" || path.startsWith("/c/") || path.startsWith("/d/") ? "inbox" : null;
}

/** The list beside which everything here opens. */
export const listPath = () => (placeOf(location.pathname) === "works" ? "/works" : "/");
