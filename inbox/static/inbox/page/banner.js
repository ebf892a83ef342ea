// @ts-check
// The banner: what the server says of the accounts, unless the connection itself is the news. Dismissed until it changes.
import { getCookie, setCookie } from "../device/cookies.js";
import { around, need } from "./dom.js";
import { addPart } from "./page.js";

/**
 * What this window knows itself, and what its button does.
 * @typedef {{text: string, label: string | undefined, act: (() => void) | undefined, dismissed: boolean}} Notice
 * @typedef {"signed-out" | "lost"} Kind
 */

const KEPT = 20;
/** @type {Kind[]} */
const ORDER = ["signed-out", "lost"];
/** @type {Map<Kind, Notice>} */
const notices = new Map();

const banner = () => need("banner");
const box = () => need("notice");

export function startBanner() {
  addPart({ update: show });
  document.addEventListener("click", (event) => {
    const line = around(event, "#banner, #notice");
    if (!line) return;
    if (around(event, ".dismiss")) {
      if (line === box()) dismissNotice();
      else dismissBanner();
    } else if (around(event, "#notice-act")) shown()?.act?.();
    else if (!around(event, "a, button")) line.classList.toggle("whole");
  });
  show();
}

/**
 * @param {Kind} kind
 * @param {string} text
 * @param {{text: string, act: () => void}} [action]
 */
export function showNotice(kind, text, action) {
  const before = notices.get(kind);
  if (before?.text === text) return;
  notices.set(kind, { text, label: action?.text, act: action?.act, dismissed: before?.dismissed ?? false });
  show();
}

/** @param {Kind} kind */
export function hideNotice(kind) {
  if (notices.delete(kind)) show();
}

const shown = () => ORDER.map((kind) => notices.get(kind)).find((notice) => notice && !notice.dismissed);

/** The server's banner is in the page already; what this window knows stands before it. */
function show() {
  const notice = shown();
  box().hidden = !notice;
  // A page that was asked for before it was dismissed still brings it.
  const { key } = banner().dataset;
  banner().hidden = Boolean(notice) || !key || dismissed().includes(key);
  if (!notice) return;
  const text = need("notice-text");
  if (text.textContent !== notice.text) text.textContent = notice.text;
  const button = need("notice-act");
  button.hidden = !notice.label;
  button.textContent = notice.label ?? "";
}

function dismissNotice() {
  const notice = shown();
  if (notice) notice.dismissed = true;
  show();
}

/** The keys that this device dismissed. */
const dismissed = () => getCookie("imhub_banner").split(".").filter(Boolean);

/** The server hears of it by a cookie: the next page has no flash of it. */
function dismissBanner() {
  const key = banner().dataset.key ?? "";
  const keys = [...dismissed().filter((one) => one !== key), key].slice(-KEPT).join(".");
  setCookie("imhub_banner", keys);
  banner().dataset.key = "";
  show();
}
