// @ts-check
// Writes to the REST API in the name of the session. What can be repeated without harm waits while the hub is away.
import { addressOf } from "./calls.js";
import { isAway, isStale, Refused } from "./failures.js";

/** @import {Call} from "./calls.js" */

const TIMEOUT_MS = 15_000;
const REPEATABLE = new Set(["PUT", "DELETE"]);
const SIGNED_OUT = 401; // what was done is saved when whoever did it is back
let writing = 0;
let writes = 0;
/** @type {Map<() => void, string>} what goes on with a write -> its path */
const held = new Map();
/** @type {(() => void)[]} */
const listeners = [];

/**
 * What became of the question for the session that the browser has by now: the page has its token; nobody is signed in;
 * or it could not be asked, or is another person's.
 * @typedef {"renewed" | "signed out" | "unknown"} Renewal
 */

/** @type {() => Promise<Renewal>} */
let renew = async () => "unknown";

/** Changes whenever a write begins or ends: what was read across such a moment is not the latest. */
export const writeMark = () => writes;
export const isWriting = () => writing > 0;

/** The paths of the writes that wait for the connection. */
export const heldPaths = () => [...held.values()];

/**
 * Call `listener` when a write begins or ends to wait.
 * @param {() => void} listener
 */
export function onHeld(listener) {
  listeners.push(listener);
}

/**
 * Let `ask` take over the session that the browser has by now.
 * @param {() => Promise<Renewal>} ask
 */
export function renewBy(ask) {
  renew = ask;
}

/** Take over the session that the browser has by now. */
export const renewSession = () => renew();

/**
 * Send a write and return the answer's `data`. Throws Refused; without a connection it waits if it may be repeated,
 * else throws TypeError.
 * @param {Call} call
 * @returns {Promise<unknown>}
 */
export async function write(...[method, path, body]) {
  let isRenewed = false;
  for (;;) {
    try {
      return await send(method, path, body);
    } catch (error) {
      /** @type {Renewal} */
      const renewal = isStale(error) && !isRenewed ? await renew() : "unknown";
      isRenewed = renewal === "renewed";
      if (isRenewed) continue;
      if (renewal === "signed out") {
        await hold(path); // nothing was done yet, so whatever it is may be sent then
        continue;
      }
      const mayPass = isAway(error) || (error instanceof Refused && error.status === SIGNED_OUT);
      if (!isRepeatable(method, body) || !mayPass) throw error;
      await hold(path);
    }
  }
}

/**
 * What the client has named is done once, however often it is sent.
 * @param {string} method
 * @param {object} [body]
 */
const isRepeatable = (method, body) => REPEATABLE.has(method) || (body !== undefined && "client_id" in body);

/**
 * Read JSON from the REST API; returns the answer's `data`, undefined if it has none.
 * @param {string} path below /api/im/
 * @returns {Promise<unknown>}
 */
export async function read(path) {
  const answer = await fetch(addressOf(path), { headers: { Accept: "application/json" } });
  return (await answer.json()).data;
}

/** The hub answers again: what waited is sent. */
export function sendHeld() {
  const waiting = [...held.keys()];
  held.clear();
  for (const goOn of waiting) goOn();
  if (waiting.length) tell();
}

/**
 * @param {string} path
 * @returns {Promise<void>}
 */
function hold(path) {
  return new Promise((goOn) => {
    held.set(goOn, path);
    tell();
  });
}

function tell() {
  for (const listener of listeners) listener();
}

/**
 * @param {string} method
 * @param {string} path
 * @param {object} [body]
 */
async function send(method, path, body) {
  writing += 1;
  writes += 1;
  try {
    const answer = await fetch(addressOf(path), {
      method,
      headers: {
        "X-CSRFToken": document.body.dataset.csrf ?? "",
        Accept: "application/json",
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      },
      body: body === undefined ? null : JSON.stringify(body),
      keepalive: true,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!answer.ok) {
      const { status_msg: why, data } = await answer.json().catch(() => ({}));
      throw new Refused(answer.status, why, null, data);
    }
    return (await answer.json()).data;
  } finally {
    writing -= 1;
    writes += 1;
  }
}
