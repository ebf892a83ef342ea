// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

class Element extends EventTarget {
  textContent = "{}";
  hidden = true;
  checked = true;
  disabled = false;

  /** @returns {Element} */
  querySelector() {
    return box;
  }
}

const box = new Element();
const places = { "push-setting": new Element(), words: new Element() };
/** @type {string[]} */
const done = [];

/** A subscription that the browser still has, of a hub with another key; it stands in the way of a new one. */
let held = { endpoint: "https://push/old", key: "old" };

const pushManager = {
  getSubscription: async () => held && { ...held, toJSON: () => ({ keys: {} }), unsubscribe: async () => forget() },
  /** @param {{applicationServerKey: string}} options */
  subscribe: async ({ applicationServerKey: key }) => {
    if (held && held.key !== key) throw new DOMException("another key", "InvalidStateError");
    return { endpoint: "https://push/new", toJSON: () => ({ keys: {} }) };
  },
};

function forget() {
  // @ts-expect-error: it is an object where a test begins with a subscription
  held = null;
}

const registration = { pushManager };
const serviceWorker = {
  register: async () => registration,
  ready: Promise.resolve(registration),
  getRegistration: async () => registration,
};

/**
 * @param {string} address
 * @param {{method: string, body?: string}} asked
 */
async function hub(address, { method, body }) {
  done.push(`${method} ${body ? JSON.parse(body).endpoint : new URL(address, "http://hub").pathname}`);
  return new Response(JSON.stringify({ key: "new", is_on: method === "POST" }));
}

Object.assign(globalThis, {
  HTMLElement: Element,
  HTMLInputElement: Element,
  isSecureContext: true,
  window: { PushManager: Object },
  Notification: { permission: "granted", requestPermission: async () => "granted" },
  document: {
    body: { dataset: { csrf: "token" } },
    getElementById: (/** @type {keyof typeof places} */ id) => places[id] ?? null,
  },
  fetch: hub,
});
Object.defineProperty(globalThis, "navigator", { value: { serviceWorker } });

/** @param {() => boolean} isTrue */
async function until(isTrue) {
  for (let turn = 0; turn < 1000; turn += 1) {
    await new Promise((resolve) => setTimeout(resolve));
    if (isTrue()) return;
  }
  assert.fail("it did not become true in time");
}

test("a browser that is subscribed with the key of an earlier hub can be switched on", async () => {
  const { startPush } = await import("../../../inbox/static/inbox/device/push.js");
  startPush();
  await until(() => done.length === 1); // it asks whether the hub knows the browser
  await until(() => !box.checked);
  box.checked = true;
  box.dispatchEvent(new Event("change"));
  await until(() => !box.disabled);
  assert.equal(box.checked, true);
  assert.equal(done.at(-1), "POST https://push/new");
});
