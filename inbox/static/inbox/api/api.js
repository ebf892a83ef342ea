// Writes to the REST API in the name of the session. What can be repeated without harm waits while the hub is away.
export class Refused extends Error {
  constructor(status, why) {
    super(why ?? `HTTP ${status}`);
    this.status = status;
  }
}

const TIMEOUT_MS = 15_000;
const REPEATABLE = new Set(["PUT", "DELETE"]);
const AWAY = new Set([502, 503, 504]);
const SIGNED_OUT = 401; // what was done is saved when whoever did it is back
let writing = 0;
let writes = 0;
const held = new Map(); // what goes on with a write -> its path
const listeners = [];

/** Changes whenever a write begins or ends: what was read across such a moment is not the latest. */
export const writeMark = () => writes;
export const isWriting = () => writing > 0;

/** The paths of the writes that wait for the connection. */
export const heldPaths = () => [...held.values()];

/** `listener()` when a write begins or ends to wait. */
export function onHeld(listener) {
  listeners.push(listener);
}

export function isAway(error) {
  return error instanceof TypeError || error.name === "TimeoutError" || AWAY.has(error.status);
}

/** `path` below /api/im/, without a leading slash. Throws Refused; without a connection it waits if it may be
 * repeated, else throws TypeError. */
export async function write(method, path, body) {
  for (;;) {
    try {
      return await send(method, path, body);
    } catch (error) {
      if (!REPEATABLE.has(method) || !(isAway(error) || error.status === SIGNED_OUT)) throw error;
      await hold(path);
    }
  }
}

/** The call that reads a thread, or a row of the list: what is unread in it, if that is told, else it as a whole. */
export function readOf({ route, unreadIds }) {
  if (unreadIds) return ["PUT", "unified-messages/read-many", { message_ids: JSON.parse(unreadIds) }];
  return ["PUT", `${route}/read`];
}

/** The hub answers again: what waited is sent. */
export function sendHeld() {
  const waiting = [...held.keys()];
  held.clear();
  for (const goOn of waiting) goOn();
  if (waiting.length) tell();
}

function hold(path) {
  return new Promise((goOn) => {
    held.set(goOn, path);
    tell();
  });
}

function tell() {
  for (const listener of listeners) listener();
}

async function send(method, path, body) {
  writing += 1;
  writes += 1;
  try {
    const answer = await fetch(`/api/im/${path}`, {
      method,
      headers: {
        "X-CSRFToken": document.body.dataset.csrf,
        Accept: "application/json",
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      keepalive: true,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!answer.ok) throw new Refused(answer.status, (await answer.json().catch(() => ({}))).status_msg);
    return (await answer.json()).data;
  } finally {
    writing -= 1;
    writes += 1;
  }
}
