// Ages grow by the hub's clock, without a reload, and are never read aloud. inbox/pages/account_state.py says which is fresh.
import { on } from "../page/page.js";
import { say } from "../words/words.js";

const EVERY_MS = 10_000;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
let offset = 0; // the hub's clock minus this device's

export function startFreshness() {
  setClock(document);
  on("read", setClock);
  setInterval(tick, EVERY_MS);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && tick());
}

/** ms, by the hub's clock. */
export const now = () => Date.now() + offset;

function setClock(source) {
  const told = Number(source.body.dataset.now);
  if (told) offset = told - Date.now();
}

/** What the hub pushed: {account: {surface: ms}}. */
export function heardFresh(accounts) {
  for (const element of document.querySelectorAll("[data-looks]")) {
    const seen = accounts[element.dataset.account];
    if (seen) element.dataset.looks = lookAgain(element.dataset.looks, seen);
  }
  for (const element of document.querySelectorAll("[data-ago]")) {
    const at = accounts[element.dataset.account]?.[element.dataset.surface];
    if (at) element.dataset.ago = at;
  }
  tick();
}

function lookAgain(looks, seen) {
  const newer = parse(looks).map(({ surface, at, fresh, late }) => [surface, seen[surface] ?? at, fresh, late].join(":"));
  return newer.join(" ");
}

function parse(looks) {
  return looks.split(" ").map((look) => {
    const [surface, at, fresh, late] = look.split(":");
    return { surface, at: Number(at), fresh: Number(fresh), late: Number(late) };
  });
}

export function tick() {
  for (const element of document.querySelectorAll("[data-looks]")) showState(element);
  for (const element of document.querySelectorAll("[data-ago]")) put(element, sayAgo(Number(element.dataset.ago)));
  doubtQuiet();
}

function showState(element) {
  const looks = parse(element.dataset.looks);
  const grade = ({ at, fresh, late }) => (now() - at > fresh) + (now() - at > late);
  const worst = looks.reduce((a, b) => (grade(b) > grade(a) ? b : a));
  const tone = ["ok", "wait", "act"][grade(worst)];
  const minutes = Math.floor((now() - worst.at) / MINUTE);
  put(element, tone === "ok" ? say("seen", { ago: sayAgo(worst.at) }) : say("no_update", { n: minutes }));
  for (const one of [element, element.closest("#rail .account")]) one?.classList.remove("ok", "wait", "act");
  for (const one of [element, element.closest("#rail .account")]) one?.classList.add(tone);
}

function put(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Quiet is claimed only while every account is fresh, also when the hub cannot be asked. */
function doubtQuiet() {
  const quiet = document.querySelector("[data-quiet]");
  const unsure = document.querySelectorAll("#rail .account:not(.ok)").length;
  if (quiet && unsure) put(quiet, say("not_sure", { n: unsure }));
}

export function sayAgo(at) {
  const age = Math.max(0, now() - at);
  if (age < 5_000) return say("just_now");
  if (age < MINUTE) return say("seconds_ago", { n: Math.floor(age / 1000) });
  if (age < HOUR) return say("minutes_ago", { n: Math.floor(age / MINUTE) });
  if (age < 2 * DAY) return say("hours_ago", { n: Math.floor(age / HOUR) });
  return say("days_ago", { n: Math.floor(age / DAY) });
}
