// @ts-check
// Ages grow by the hub's clock, without a reload, and are never read aloud. The server says in attributes since when.
import { all } from "../page/dom.js";
import { on } from "../page/page.js";
import { chooseAgo, MINUTE } from "../words/ago.js";
import { say } from "../words/words.js";
import { formatLooks, gradeOf, parseLooks, renewLooks } from "./grade.js";
import { findLatest, isListed, parseIds } from "./listed.js";
import { chooseWaiting, toneOf } from "./waiting.js";

/** @import {SeenAt} from "../api/shapes.js" */

const EVERY_MS = 10_000;
let offset = 0; // the hub's clock minus this device's

export function startFreshness() {
  setClock(document);
  on("read", setClock);
  setInterval(tick, EVERY_MS);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") tick();
  });
}

/** ms, by the hub's clock. */
const now = () => Date.now() + offset;

/** @param {Document} source */
function setClock(source) {
  const told = Number(source.body.dataset.now);
  if (told) offset = told - Date.now();
}

/**
 * Take over what the hub pushed.
 * @param {SeenAt} accounts
 */
export function heardFresh(accounts) {
  for (const element of all(document, "[data-looks]")) {
    const seen = accounts[element.dataset.account ?? ""];
    if (seen) element.dataset.looks = formatLooks(renewLooks(looksOf(element), seen));
  }
  for (const element of all(document, "[data-ago][data-surface]")) {
    const at = accounts[element.dataset.account ?? ""]?.[element.dataset.surface ?? ""];
    if (at) element.dataset.ago = String(at);
  }
  for (const element of all(document, "[data-latest]")) {
    const latest = findLatest(accounts, parseIds(element.dataset.latest));
    if (latest) element.dataset.ago = String(latest);
  }
  tick();
}

/** @param {HTMLElement} element */
const looksOf = (element) => parseLooks(element.dataset.looks ?? "");

function tick() {
  for (const element of all(document, "[data-looks]")) showState(element);
  for (const element of all(document, "[data-ago]")) put(element, sayAgo(Number(element.dataset.ago)));
  for (const element of all(document, ".clock[data-since]")) showWaiting(element);
  doubtQuiet();
}

/** @param {HTMLElement} element */
function showState(element) {
  const { at, tone } = gradeOf(looksOf(element), now());
  const minutes = Math.floor((now() - at) / MINUTE);
  put(element, tone === "ok" ? say("seen", { ago: sayAgo(at) }) : say("no_update", { n: minutes }));
  for (const one of [element, element.closest("#rail .account")]) {
    one?.classList.remove("ok", "wait", "act");
    one?.classList.add(tone);
  }
}

/** @param {HTMLElement} element */
function showWaiting(element) {
  const age = Math.max(0, now() - Number(element.dataset.since));
  const { warnMs, badMs } = document.body.dataset;
  put(element, say(...chooseWaiting(age, "bare" in element.dataset)));
  const tone = toneOf(age, { warn: Number(warnMs), bad: Number(badMs) });
  for (const name of ["warn", "bad"]) element.classList.toggle(name, name === tone);
}

/**
 * @param {Element} element
 * @param {string} text
 */
function put(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Quiet is claimed only while every account of the list is fresh, also when the hub cannot be asked. */
function doubtQuiet() {
  const [quiet] = all(document, "[data-quiet]");
  if (!quiet) return;
  const ids = parseIds(quiet.dataset.quiet);
  const unsure = all(document, "#rail .account:not(.ok)").filter((one) => isListed(one.dataset.account, ids));
  if (unsure.length) put(quiet, say("not_sure", { n: unsure.length }));
}

/** @param {number} at ms UTC */
function sayAgo(at) {
  return say(...chooseAgo(Math.max(0, now() - at)));
}
