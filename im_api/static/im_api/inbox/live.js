// Keeps the page as fresh as the hub, and says so: live, every ten seconds, or not at all.
import { on, refresh } from "./page.js";
import { HubSocket } from "./socket.js";
import { clock, say } from "./words.js";

const GATHER_MS = 150;
const EVERY_MS = 10_000;
const SILENT_MS = 3_000;
const SAY_FOUND_MS = 3_000;
let isPushed = false;
let failing = null; // since when nothing could be read
let good = new Date();
let gathering = null;
let foundTimer = null;
let toldLost = false;

const line = () => document.getElementById("connection");

export function startLive() {
  if (!line()) return;
  on("read", () => heardAgain());
  on("failed", (error) => error.status === undefined && lost());
  new HubSocket({
    opened: () => {
      isPushed = true;
      refresh();
    },
    closed: () => {
      isPushed = false;
      refresh();
    },
    changed: gather,
    fresh: () => document.visibilityState === "visible" && refresh(),
  }).connect();
  setInterval(() => (isPushed && !failing ? show() : refresh()), EVERY_MS);
  addEventListener("offline", lost);
  addEventListener("online", refresh);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && refresh());
  show();
}

/** Events come in bursts: one look at the hub for all of them. */
function gather() {
  gathering ??= setTimeout(() => {
    gathering = null;
    refresh();
  }, GATHER_MS);
}

function lost() {
  if (failing) return show();
  failing = new Date();
  setTimeout(show, SILENT_MS);
  setTimeout(refresh, SILENT_MS);
  return undefined;
}

function heardAgain() {
  good = new Date();
  failing = null;
  if (toldLost) {
    toldLost = false;
    foundTimer = setTimeout(() => {
      foundTimer = null;
      show();
    }, SAY_FOUND_MS);
  }
  show();
}

function show() {
  if (failing && Date.now() - failing >= SILENT_MS) {
    toldLost = true;
    tell(navigator.onLine ? say("connection_lost", { time: clock(good) }) : say("offline"), "wait");
  } else if (failing) return;
  else if (foundTimer) tell(say("connected_again"), "ok");
  else tell(`${say(isPushed ? "live" : "not_pushed")} · ${line().dataset.fine}`, isPushed ? "ok" : "wait");
}

function tell(text, tone) {
  if (line().textContent !== text) line().textContent = text;
  line().className = `state ${tone}`;
}
