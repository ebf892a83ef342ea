// Several windows of one browser: one of them speaks for all, and each can say what it shows.
const LOCK = "imhub-notices";
const ANSWER_MS = 120;
const CLAIM_MS = 200;
let speaks = false;
let channel;
let claimed = 0; // until when another window speaks
const seen = new Set();

/** `isOpenHere(thread)`: whether somebody looks at it in this window. */
export function startWindows(isOpenHere) {
  channel = new BroadcastChannel("imhub");
  channel.addEventListener("message", ({ data }) => {
    if (data.ask && isOpenHere(data.ask)) channel.postMessage({ seen: data.ask });
    if (data.seen) seen.add(data.seen);
    if (data.claim) claimed = Date.now() + CLAIM_MS;
  });
  // Held as long as the window is open; then another one gets it.
  navigator.locks?.request(LOCK, () => {
    speaks = true;
    return new Promise(() => {});
  });
}

/** Whether another window has the thread open, visible and focused. */
export async function isSeenElsewhere(id) {
  seen.delete(id);
  channel.postMessage({ ask: id });
  await pause(ANSWER_MS);
  return seen.has(id);
}

/** `act()`, unless another window of this browser does it. Without locks (plain http) whoever calls first. */
export async function onlyOne(act) {
  if (navigator.locks) {
    if (speaks) act();
    return;
  }
  await pause(Math.random() * CLAIM_MS);
  if (Date.now() < claimed) return;
  channel.postMessage({ claim: true });
  act();
}

const pause = (ms) => new Promise((goOn) => setTimeout(goOn, ms));
