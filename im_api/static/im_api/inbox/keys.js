// Single letters, outside fields and never while an input method composes.
import { act } from "./actions.js";
import { neighbour, open, rows, select, selected, showWaiting } from "./list.js";
import { go, load } from "./page.js";
import { toast, undo } from "./toast.js";
import { say } from "./words.js";

const WALK_MS = 120;
let afterG = 0;

export const lettersAct = () => localStorage.getItem("letters") !== "off";

const KEYS = {
  j: () => open(neighbour(+1), { wait: WALK_MS }),
  k: () => open(neighbour(-1), { wait: WALK_MS }),
  n: nextWaiting,
  e: () => act("done"),
  u: () => act("unread"),
  p: () => act("pin"),
  m: () => act("mute"),
  z: undo,
  i: () => act("context"),
  g: () => {
    afterG = Date.now();
  },
  ".": showWaiting,
  "/": () => document.getElementById("q")?.select(),
  "?": () => document.getElementById("keys").showModal(),
  ArrowDown: () => open(neighbour(+1), { wait: WALK_MS }),
  ArrowUp: () => open(neighbour(-1), { wait: WALK_MS }),
  Backspace: () => act("remove"),
  Enter: () => document.getElementById("messages")?.focus(),
};
const NAMED = new Set(["ArrowDown", "ArrowUp", "Backspace", "Enter"]);

export function startKeys() {
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229 || document.querySelector("dialog[open]")) return;
    if (event.key === "Escape") return escape(event);
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") return pressed(event, KEYS["/"]);
    if (event.ctrlKey || event.metaKey || event.altKey || isField(event.target)) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (!NAMED.has(key) && !lettersAct()) return;
    // Keys that a focused link, button or list of messages needs itself.
    if (key === "Enter" && event.target.closest("a, button, summary")) return;
    if (key.startsWith("Arrow") && event.target.closest("#messages, summary, dialog")) return;
    const does = afterGo(key) ?? accountKey(key) ?? (event.shiftKey && key !== "?" && key !== "/" ? undefined : KEYS[key]);
    if (does) pressed(event, does);
  });
}

function pressed(event, does) {
  event.preventDefault();
  does();
}

function isField(target) {
  return Boolean(target.closest?.("input, textarea, select, [contenteditable]"));
}

function afterGo(key) {
  const addresses = { i: "/", a: "/accounts" };
  if (Date.now() - afterG > 1_000 || !(key in addresses)) return undefined;
  afterG = 0;
  return () => (key === "i" ? go("/") : location.assign(addresses[key]));
}

function accountKey(key) {
  if (!/^\d$/.test(key)) return undefined;
  if (key === "0") return () => go("/");
  const account = document.querySelectorAll("#rail .account")[Number(key) - 1];
  return account && (() => go(account.href));
}

/** Closes the topmost layer, then the search, then the thread. */
function escape(event) {
  const menu = document.querySelector("details.menu[open]");
  const field = document.getElementById("q");
  if (menu) menu.open = false;
  else if (document.body.classList.contains("show-context")) act("context");
  else if (document.activeElement === field && !field.value) field.blur();
  else if (new URLSearchParams(location.search).get("q")) go("/");
  else if (document.activeElement?.closest?.("#main")) document.getElementById("options")?.focus();
  else if (location.pathname !== "/") go(`/${location.search}`);
  else return;
  event.preventDefault();
}

/** Across all accounts, whoever has waited longest and is not open. */
async function nextWaiting() {
  const first = rows().find((row) => row.dataset.waits === "true" && row !== selected() && row.href);
  const onWaiting = !new URLSearchParams(location.search).get("tab") && first;
  if (onWaiting) return open(first);
  const source = await load("/");
  const row = [...source.querySelectorAll('.row[data-waits="true"][href]')].find((one) => one.pathname !== location.pathname);
  if (!row) return toast(say("nobody_waits"));
  select(null);
  return go(row.href);
}
