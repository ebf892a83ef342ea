// @ts-check
// Keeps the page as fresh as the hub: what the hub tells of is read anew, and without a socket every ten seconds.

import { heardFresh } from "../accounts/freshness.js";
import { checkRail } from "../accounts/rail.js";
import { heardLooks, heardOf } from "../accounts/recovered.js";
import { heardReply } from "../answering/heard.js";
import { SignedOut } from "../api/failures.js";
import { heardLogin } from "../login/dialog.js";
import { heardEvent, setTold } from "../notices/notices.js";
import { on, refresh, refreshSince } from "../page/page.js";
import { signedOut, whenSignedIn } from "../page/signin.js";
import { isBroken, isCut, markGood, setPushed, startConnection } from "./connection.js";
import { HubSocket } from "./socket.js";
import { forgetViewers, heardViewing, startViewing, tellViewing } from "./viewing.js";

const GATHER_MS = 150;
const EVERY_MS = 10_000;
const SOON_MS = 700;
const LATER_MS = 3_000;
const SOON = 15; // tries
/** @type {ReturnType<typeof setTimeout> | null} */
let gathering = null;
let heardAt = 0;
/** @type {ReturnType<typeof setTimeout> | null} */
let again = null;
let tries = 0;

export function startLive() {
  let pushed = false;
  /** @param {boolean} value whether the hub tells of changes by itself */
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
    login: heardLogin,
    changed: (frame) => {
      heardEvent(frame);
      heardOf(frame);
      heardReply(frame);
      gather();
    },
    fresh: (accounts) => {
      heardFresh(accounts);
      heardLooks(accounts);
      markGood();
      if (document.visibilityState !== "visible") return;
      if (isBroken()) refresh();
      else checkRail(accounts);
    },
    signedOut,
  });
  startViewing((threadId, typing) => socket.view(threadId, typing));
  startConnection();
  on("failed", (error) => {
    if (error instanceof SignedOut) signedOut();
    else tryAgain();
  });
  on("read", () => {
    tries = 0;
    socket.retry();
  });
  whenSignedIn(() => {
    socket.retry();
    refresh();
  });
  setInterval(() => {
    if (!pushed || isBroken()) refresh();
  }, EVERY_MS);
  addEventListener("online", refresh);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") refresh();
  });
  socket.connect();
}

function tryAgain() {
  if (again !== null) return;
  const wait = tries < SOON ? SOON_MS : LATER_MS;
  tries += 1;
  again = setTimeout(() => {
    again = null;
    if (isCut()) refresh();
  }, wait);
}

/** Events come in bursts: one look at the hub for all of them, unless one began after the last of them already. */
function gather() {
  heardAt = performance.now();
  if (gathering !== null) return;
  gathering = setTimeout(() => {
    gathering = null;
    refreshSince(heardAt);
  }, GATHER_MS);
}
