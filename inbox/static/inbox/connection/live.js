// Keeps the page as fresh as the hub: what the hub tells of is read anew, and without a socket every ten seconds.
import { isCut, markGood, setPushed, startConnection } from "./connection.js";
import { heardFresh } from "../accounts/freshness.js";
import { heardEvent, setTold } from "../notices/notices.js";
import { on, refresh } from "../page/page.js";
import { heardOf } from "../accounts/recovered.js";
import { signedOut, whenSignedIn } from "../page/signin.js";
import { HubSocket } from "./socket.js";
import { forgetViewers, heardViewing, startViewing, tellViewing } from "./viewing.js";

const GATHER_MS = 150;
const EVERY_MS = 10_000;
const SOON_MS = 700;
const LATER_MS = 3_000;
const SOON = 15; // tries
let gathering = null;
let again = null;
let tries = 0;

export function startLive() {
  let pushed = false;
  function tell(value) {
    pushed = value;
    setPushed(value);
    setTold(value);
    refresh();
  }
  const socket = new HubSocket({
    opened: () => {
      tell(true);
      tellViewing();
    },
    closed: () => {
      forgetViewers();
      tell(false);
    },
    viewing: heardViewing,
    changed: (frame) => {
      heardEvent(frame);
      heardOf(frame);
      gather();
    },
    fresh: (accounts) => {
      heardFresh(accounts);
      markGood();
      if (document.visibilityState === "visible") refresh();
    },
    signedOut,
  });
  startViewing((threadId) => socket.view(threadId));
  startConnection();
  on("failed", (error) => (error.signedOut ? signedOut() : tryAgain()));
  on("read", () => {
    tries = 0;
    socket.retry();
  });
  whenSignedIn(() => {
    socket.retry();
    refresh();
  });
  setInterval(() => (!pushed || isCut()) && refresh(), EVERY_MS);
  addEventListener("online", refresh);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && refresh());
  socket.connect();
}

function tryAgain() {
  again ??= setTimeout(() => {
    again = null;
    if (isCut()) refresh();
  }, tries++ < SOON ? SOON_MS : LATER_MS);
}

/** Events come in bursts: one look at the hub for all of them. */
function gather() {
  gathering ??= setTimeout(() => {
    gathering = null;
    refresh();
  }, GATHER_MS);
}
