// The banner: what the server says of the accounts, unless the connection itself is the news. Dismissed until it changes.
import { addPart } from "./page.js";
import { say } from "../words/words.js";

const KEPT = 20;
const YEAR_S = 365 * 24 * 3600;
const ORDER = ["signed-out", "lost"];
const notices = new Map(); // what this window knows itself: kind -> text, and what its button does

const banner = () => document.getElementById("banner");
const box = () => document.getElementById("notice");

export function startBanner() {
  addPart({ update: show });
  document.addEventListener("click", (event) => {
    const line = event.target.closest("#banner, #notice");
    if (!line) return;
    if (event.target.closest(".dismiss")) (line === box() ? dismissNotice : dismissBanner)();
    else if (event.target.closest("#notice-act")) shown()?.act?.();
    else if (!event.target.closest("a, button")) line.classList.toggle("whole");
  });
  show();
}

export function showNotice(kind, text, action) {
  const before = notices.get(kind);
  if (before?.text === text) return;
  notices.set(kind, { text, label: action?.text, act: action?.act, dismissed: before?.dismissed ?? false });
  show();
}

export function hideNotice(kind) {
  if (notices.delete(kind)) show();
}

const shown = () => ORDER.map((kind) => notices.get(kind)).find((notice) => notice && !notice.dismissed);

/** The server's banner is in the page already; what this window knows stands before it. */
function show() {
  const notice = shown();
  box().hidden = !notice;
  banner().hidden = Boolean(notice) || !banner().dataset.key;
  if (!notice) return;
  const text = document.getElementById("notice-text");
  if (text.textContent !== notice.text) text.textContent = notice.text;
  const button = document.getElementById("notice-act");
  button.hidden = !notice.label;
  button.textContent = notice.label ?? "";
}

function dismissNotice() {
  shown().dismissed = true;
  show();
}

/** The server hears of it by a cookie: the next page has no flash of it. */
function dismissBanner() {
  const key = banner().dataset.key;
  const kept = (document.cookie.match(/(?:^|; )imhub_banner=([^;]*)/)?.[1] ?? "").split(".").filter(Boolean);
  const keys = [...kept.filter((one) => one !== key), key].slice(-KEPT).join(".");
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `imhub_banner=${keys}; path=/; max-age=${YEAR_S}; samesite=lax${secure}`;
  banner().dataset.key = "";
  show();
}
