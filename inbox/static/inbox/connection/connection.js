// How the page stands to the hub, told in one line: live, asked from time to time, cut off, found again.
import { heldPaths, isAway, onHeld, sendHeld } from "../api/api.js";
import { ring } from "../page/badge.js";
import { hideNotice, showNotice } from "../page/banner.js";
import { on } from "../page/page.js";
import { clock, say } from "../words/words.js";

const SILENT_MS = 3_000;
const BANNER_MS = 30_000;
const FOUND_MS = 3_000;
let isPushed = false;
let pushedUntil = 0;
let cutSince = null;
let good = new Date();
let failure = null; // what the hub answered instead of the page
let told = false; // that the connection is lost
let foundUntil = 0;

export const isCut = () => cutSince !== null;

export function startConnection() {
  on("reached", sendHeld);
  on("read", () => found());
  on("failed", (error) => {
    if (isAway(error)) cut();
    else if (error.status >= 500) fail(error);
  });
  onHeld(showHeld);
  addEventListener("offline", cut);
  addEventListener("beforeunload", (event) => heldPaths().length && event.preventDefault());
  show();
}

/** Whether the hub tells of changes by itself. */
export function setPushed(value) {
  if (isPushed && !value) {
    pushedUntil = Date.now();
    setTimeout(show, SILENT_MS);
  }
  isPushed = value;
  show();
}

/** What is shown is the hub's state of this moment. */
export function markGood() {
  if (!isCut()) good = new Date();
}

function cut() {
  if (isCut()) return show();
  cutSince = Date.now();
  setTimeout(show, SILENT_MS);
  setTimeout(show, BANNER_MS);
  return undefined;
}

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
  const cutFor = isCut() ? Date.now() - cutSince : 0;
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
const line = () => document.getElementById("connection");

function tell(text, tone, requestId) {
  const slim = document.getElementById("lost-line");
  slim.hidden = !hasNoFoot.matches || !(isCut() || requestId !== undefined);
  slim.textContent = slim.hidden ? "" : text;
  if (!line()) return;
  if (line().textContent !== text) line().textContent = text;
  line().className = `state ${tone}`;
  const details = document.getElementById("failed-request");
  details.hidden = !requestId;
  if (requestId) details.querySelector("span").textContent = say("request_id", { id: requestId });
}

function showHeld() {
  const paths = heldPaths();
  const chip = document.getElementById("held");
  chip.hidden = !paths.length;
  chip.querySelector("span").textContent = paths.length ? say("unsaved", { n: paths.length }) : "";
  for (const element of document.querySelectorAll("[data-route]")) {
    element.classList.toggle("held", paths.some((path) => path.startsWith(`${element.dataset.route}/`) || path === element.dataset.route));
  }
}
