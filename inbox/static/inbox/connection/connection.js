// @ts-check
// How the page stands to the hub, told in one line: live, asked from time to time, cut off, found again.
import { heldPaths, onHeld, sendHeld } from "../api/api.js";
import { isAway, Refused } from "../api/failures.js";
import { ring } from "../page/badge.js";
import { hideNotice, showNotice } from "../page/banner.js";
import { all, find, need, needIn } from "../page/dom.js";
import { on } from "../page/page.js";
import { isSignedOut } from "../page/signin.js";
import { stayClear } from "../page/toast.js";
import { clock, say } from "../words/words.js";

const SILENT_MS = 3_000;
const BANNER_MS = 30_000;
const FOUND_MS = 3_000;
let isPushed = false;
let pushedUntil = 0;
/** @type {number | null} */
let cutSince = null;
let good = new Date();
/** @type {Refused | null} what the hub answered instead of the page */
let failure = null;
let told = false; // that the connection is lost
let foundUntil = 0;

export const isCut = () => cutSince !== null;

/** What is shown may be old: the hub cannot be reached, or could not answer. */
export const isBroken = () => isCut() || failure !== null;

export function startConnection() {
  on("reached", () => {
    if (!isSignedOut()) sendHeld(); // a new session has another token, which comes with the page
  });
  on("read", (source) => {
    takeOver(source);
    found();
  });
  on("failed", (error) => {
    if (isAway(error)) cut();
    else if (error instanceof Refused && error.status >= 500) fail(error);
  });
  onHeld(showHeld);
  addEventListener("offline", cut);
  addEventListener("beforeunload", (event) => {
    if (heldPaths().length) event.preventDefault();
  });
  show();
}

/**
 * Say whether the hub tells of changes by itself.
 * @param {boolean} value
 */
export function setPushed(value) {
  if (isPushed && !value) {
    pushedUntil = Date.now();
    setTimeout(show, SILENT_MS);
  }
  isPushed = value;
  show();
}

/**
 * Say of the accounts what the server says now, as the banner does.
 * @param {Document} source
 */
function takeOver(source) {
  const now = line();
  const next = source.getElementById("connection");
  if (!now || !next) return;
  now.dataset.fine = next.dataset.fine ?? "";
  now.title = next.title;
}

/** What is shown is the hub's state of this moment. */
export function markGood() {
  if (!isCut()) good = new Date();
}

function cut() {
  if (!isCut()) {
    cutSince = Date.now();
    setTimeout(show, SILENT_MS);
    setTimeout(show, BANNER_MS);
  } else show();
}

/** @param {Refused} error */
function fail(error) {
  failure = error;
  cutSince = null;
  show();
}

function found() {
  good = new Date();
  cutSince = failure = null;
  if (told) {
    foundUntil = Date.now() + FOUND_MS;
    setTimeout(show, FOUND_MS);
  }
  told = false;
  hideNotice("lost");
  show();
}

// -- what people see of it

function show() {
  const cutFor = cutSince === null ? 0 : Date.now() - cutSince;
  told ||= cutFor >= SILENT_MS;
  ring(isCut() && told);
  if (isCut() && told) {
    const text = navigator.onLine ? say("connection_lost", { time: clock(good) }) : say("offline");
    tell(text, "wait");
    if (cutFor >= BANNER_MS) showNotice("lost", text);
  } else if (failure) tell(say("not_read"), "wait", failure.requestId ?? "");
  else if (Date.now() < foundUntil) tell(say("connected_again"), "ok");
  else if (!isCut()) tellFine();
}

function tellFine() {
  const fine = line()?.dataset.fine;
  const live = isPushed || Date.now() - pushedUntil < SILENT_MS;
  tell([say(live ? "live" : "not_pushed"), fine].filter(Boolean).join(" · "), live ? "ok" : "wait");
}

const hasNoFoot = matchMedia("(max-width: 899.98px)"); // a thread on a phone
const line = () => find("connection");

/**
 * @param {string} text
 * @param {"ok" | "wait"} tone
 * @param {string} [requestId] of a request that failed; empty if it has no number
 */
function tell(text, tone, requestId) {
  const slim = need("lost-line");
  slim.hidden = !hasNoFoot.matches || !(isCut() || requestId !== undefined);
  slim.textContent = slim.hidden ? "" : text;
  const place = line();
  if (!place) return;
  if (place.textContent !== text) place.textContent = text;
  place.className = `state ${tone}`;
  const details = need("failed-request");
  details.hidden = !requestId;
  if (requestId) needIn(details, "span").textContent = say("request_id", { id: requestId });
}

function showHeld() {
  const paths = heldPaths();
  const chip = need("held");
  chip.hidden = !paths.length;
  stayClear();
  needIn(chip, "span").textContent = paths.length ? say("unsaved", { n: paths.length }) : "";
  for (const element of all(document, "[data-route]")) {
    const route = element.dataset.route ?? "";
    element.classList.toggle(
      "held",
      paths.some((path) => path.startsWith(`${route}/`) || path === route),
    );
  }
}
