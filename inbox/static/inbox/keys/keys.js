// Single letters, outside fields and never while an input method composes.
import { act } from "../list/actions.js";
import { toggleDensity } from "../list/density.js";
import { openMenu } from "../list/gestures.js";
import { neighbour, rows, select, selected, showWaiting, walk } from "../list/list.js";
import { askToMarkAll } from "../list/markall.js";
import { go, listPath, load } from "../page/page.js";
import { clear, pickedIn, toggle } from "../list/picked.js";
import { settings } from "../device/settings.js";
import { toast, undo } from "../page/toast.js";
import { say } from "../words/words.js";
import { workKey } from "../works/works.js";

const G_MS = 1_000;
let afterG = 0;

const KEYS = {
  j: () => walk(+1),
  k: () => walk(-1),
  n: () => goToWaiting(+1),
  e: () => act("done"),
  u: () => act("unread"),
  p: () => act("pin"),
  m: () => act("mute"),
  r: () => document.querySelector(".answer :is(a, button)")?.focus(),
  x: () => selected() && toggle(selected()),
  d: toggleDensity,
  z: undo,
  i: () => act("context"),
  g: () => {
    afterG = Date.now();
  },
  ".": showWaiting,
  "/": () => document.getElementById("q")?.select(),
  "?": () => document.getElementById("keys").showModal(),
  ArrowDown: () => walk(+1),
  ArrowUp: () => walk(-1),
  Backspace: () => act("remove"),
  Enter: () => document.getElementById("messages")?.focus(),
  ContextMenu: () => selected() && openMenu(document.getElementById("row-menu"), selected()),
};
const SHIFTED = {
  a: askToMarkAll,
  n: () => goToWaiting(-1),
  j: () => extend(+1),
  k: () => extend(-1),
};
const NAMED = new Set(["ArrowDown", "ArrowUp", "Backspace", "Enter", "ContextMenu"]);

export function startKeys() {
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229 || document.querySelector("dialog[open], [popover]:popover-open")) return;
    if (event.key === "Escape") return escape(event);
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") return pressed(event, KEYS["/"]);
    if (event.ctrlKey || event.metaKey || event.altKey || isField(event.target)) return;
    const does = meant(event);
    if (does) pressed(event, does);
  });
}

function meant(event) {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (!NAMED.has(key) && !settings.letters) return undefined;
  // Keys that a focused link, button or list of messages needs itself.
  if (key === "Enter" && event.target.closest("a, button, summary")) return undefined;
  if (key.startsWith("Arrow") && event.target.closest("#messages, summary, dialog")) return undefined;
  if (event.shiftKey && /^[a-z]$/.test(key)) return workKey(`Shift ${key}`) ?? SHIFTED[key];
  return afterGo(key) ?? workKey(key) ?? accountKey(key) ?? KEYS[key];
}

function pressed(event, does) {
  event.preventDefault();
  does();
}

function isField(target) {
  return Boolean(target.closest?.("input, textarea, select, [contenteditable]"));
}

function afterGo(key) {
  const addresses = { i: "/", c: "/works", a: "/accounts" };
  if (Date.now() - afterG > G_MS || !(key in addresses)) return undefined;
  afterG = 0;
  return () => (key === "i" ? go("/") : location.assign(addresses[key]));
}

function accountKey(key) {
  if (!/^\d$/.test(key)) return undefined;
  if (key === "0") return () => go(listPath());
  const account = document.querySelectorAll("#rail .account")[Number(key) - 1];
  return account && (() => go(account.href));
}

/** Picks the row that is selected and the one it walks to. */
function extend(step) {
  if (selected()) toggle(selected(), true);
  const next = neighbour(step);
  if (!next) return;
  select(next);
  toggle(next, true);
}

/** Closes the topmost layer, then the selection, the search, the thread. */
function escape(event) {
  const menu = document.querySelector("details.menu[open]");
  const field = document.getElementById("q");
  if (menu) menu.open = false;
  else if (document.body.classList.contains("show-context")) act("context");
  else if (pickedIn(rows()).length) clear(rows());
  else if (document.activeElement === field && !field.value) field.blur();
  else if (new URLSearchParams(location.search).get("q")) go(listPath());
  else if (document.activeElement?.closest?.("#main")) document.getElementById("options")?.focus();
  else if (location.pathname !== listPath()) go(`${listPath()}${location.search}`);
  else return;
  event.preventDefault();
}

/** Across all accounts, by who has waited longest: the next one, or the one before. */
async function goToWaiting(step) {
  const source = await load("/");
  const waiting = [...source.querySelectorAll('.row[data-waits="true"][href]')];
  const at = waiting.findIndex((row) => row.pathname === location.pathname);
  const row = step > 0 ? waiting.slice(at + 1).find((one) => one.pathname !== location.pathname) ?? waiting[at > 0 ? 0 : -1] : waiting[at - 1];
  if (!row) return toast(say("nobody_waits"));
  select(rows().find((one) => one.id === row.id) ?? null);
  return go(row.href);
}
