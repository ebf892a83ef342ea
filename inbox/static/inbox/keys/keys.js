// @ts-check
// Single letters, outside fields and never while an input method composes.
import { focusOn } from "../answering/composer.js";
import { forms } from "../answering/fields.js";
import { settings } from "../device/settings.js";
import { act } from "../list/actions.js";
import { toggleDensity } from "../list/density.js";
import { openMenu } from "../list/gestures.js";
import { goToNews } from "../list/list.js";
import { askToMarkAll } from "../list/markall.js";
import { walk } from "../list/paging.js";
import { clear, pickedIn, toggle } from "../list/picked.js";
import { clearSearch } from "../list/search.js";
import { neighbour, select, selected } from "../list/selection.js";
import { rows, rowsIn } from "../list/shown.js";
import { isInbox } from "../page/addresses.js";
import { all, find, need } from "../page/dom.js";
import { go, listPath, load } from "../page/page.js";
import { toast, undo } from "../page/toast.js";
import { say } from "../words/words.js";
import { workKey } from "../works/works.js";

/** @typedef {() => unknown} Deed */

const G_MS = 1_000;
let afterG = 0;

/** @type {Record<string, Deed>} */
const KEYS = {
  j: () => walk(+1),
  k: () => walk(-1),
  n: () => goToWaiting(+1),
  e: () => act("done"),
  u: () => act("unread"),
  p: () => act("pin"),
  m: () => act("mute"),
  r: answer,
  x: () => withSelected(toggle),
  d: toggleDensity,
  z: undo,
  i: () => act("context"),
  g: () => {
    afterG = Date.now();
  },
  ".": goToNews,
  "/": search,
  "?": () => need("keys", HTMLDialogElement).showModal(),
  ArrowDown: () => walk(+1),
  ArrowUp: () => walk(-1),
  Backspace: () => act("remove"),
  Enter: () => find("messages")?.focus(),
  ContextMenu: () => withSelected(openMenu),
};
/** @type {Record<string, Deed>} */
const SHIFTED = {
  a: askToMarkAll,
  n: () => goToWaiting(-1),
  j: () => extend(+1),
  k: () => extend(-1),
};
const NAMED = new Set(["ArrowDown", "ArrowUp", "Backspace", "Enter", "ContextMenu"]);
/** @type {Record<string, string>} where a letter goes after G */
const PLACES = { i: "/", c: "/works", a: "/accounts" };

const field = () => find("q", HTMLInputElement);

/** Where one cannot write, the platform is one key away. */
function answer() {
  const [form] = forms();
  if (form) focusOn(form);
  else all(document, ".answer :is(a, button)")[0]?.focus();
}

export function startKeys() {
  if (location.hash === "#q") search();
  document.addEventListener("keydown", (event) => {
    // 229: a browser that does not say that it composes.
    if (event.isComposing || event.keyCode === 229 || isCovered()) return;
    const isControl = event.ctrlKey || event.metaKey;
    if (event.key === "Escape") leave(event);
    else if (isControl && event.key.toLowerCase() === "k") pressed(event, search);
    else if (!isControl && !event.altKey && !isIn(event, "input, textarea, select, [contenteditable]")) {
      const does = meant(event);
      if (does) pressed(event, does);
    }
  });
}

/** A dialog or a menu has the keys. */
const isCovered = () => document.querySelector("dialog[open], [popover]:popover-open") !== null;

/**
 * @param {Event} event
 * @param {string} selector
 */
const isIn = (event, selector) => event.target instanceof Element && event.target.closest(selector) !== null;

/** @param {(row: HTMLAnchorElement) => void} does */
function withSelected(does) {
  const row = selected();
  if (row) does(row);
}

/** On a page without a field the inbox has it. */
function search() {
  const searched = field();
  if (searched) searched.select();
  else location.assign("/#q");
}

/**
 * Return what a key does here.
 * @param {KeyboardEvent} event
 * @returns {Deed | undefined}
 */
function meant(event) {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (!NAMED.has(key) && !settings.letters) return undefined;
  // Keys that a focused link, button or list of messages needs itself.
  if (key === "Enter" && isIn(event, "a, button, summary")) return undefined;
  if (key.startsWith("Arrow") && isIn(event, "#messages, summary, dialog")) return undefined;
  if (event.shiftKey && /^[a-z]$/.test(key)) return workKey(`Shift ${key}`) ?? SHIFTED[key];
  return afterGo(key) ?? workKey(key) ?? accountKey(key) ?? KEYS[key];
}

/**
 * @param {KeyboardEvent} event
 * @param {Deed} does
 */
function pressed(event, does) {
  event.preventDefault();
  does();
}

/**
 * @param {string} key
 * @returns {Deed | undefined}
 */
function afterGo(key) {
  const address = PLACES[key];
  if (Date.now() - afterG > G_MS || !address) return undefined;
  afterG = 0;
  return () => (key === "i" ? go(address) : location.assign(address));
}

/**
 * @param {string} key
 * @returns {Deed | undefined}
 */
function accountKey(key) {
  if (!/^\d$/.test(key)) return undefined;
  if (key === "0") return () => go(listPath());
  const account = all(document, "#rail .account", HTMLAnchorElement)[Number(key) - 1];
  return account && (() => go(account.href));
}

/**
 * Pick the row that is selected and the one it walks to.
 * @param {number} step
 */
function extend(step) {
  withSelected((row) => toggle(row, true));
  const next = neighbour(step);
  if (!next) return;
  select(next);
  toggle(next, true);
}

/**
 * Close the topmost layer, then the selection, the search, the thread.
 * @param {KeyboardEvent} event
 */
function leave(event) {
  const menu = document.querySelector("details.menu[open]");
  const searched = field();
  if (menu) menu.removeAttribute("open");
  else if (document.body.classList.contains("show-context")) act("context");
  else if (pickedIn(rows()).length) clear(rows());
  else if (searched && document.activeElement === searched && !searched.value) searched.blur();
  else if (new URLSearchParams(location.search).get("q")) clearSearch();
  else if (document.activeElement?.closest("#main")) find("options")?.focus();
  else if (isInbox(location.pathname) && location.pathname !== listPath()) go(`${listPath()}${location.search}`);
  else return;
  event.preventDefault();
}

/**
 * Across all accounts, by who has waited longest: go to the next one, or the one before.
 * @param {number} step
 */
async function goToWaiting(step) {
  const waiting = rowsIn(await load("/?kind=all")).filter((row) => row.dataset.waits === "true" && row.href);
  const row = step > 0 ? rowAfter(waiting) : waiting[waiting.findIndex(isShown) - 1];
  if (!row) {
    toast(say("nobody_waits"));
    return;
  }
  select(rows().find((one) => one.id === row.id) ?? null);
  go(row.href);
}

/** @param {HTMLAnchorElement} row */
const isShown = (row) => row.pathname === location.pathname;

/**
 * After the last one comes the first again.
 * @param {HTMLAnchorElement[]} waiting
 */
function rowAfter(waiting) {
  const at = waiting.findIndex(isShown);
  return waiting.slice(at + 1).find((one) => !isShown(one)) ?? (at > 0 ? waiting[0] : undefined);
}
