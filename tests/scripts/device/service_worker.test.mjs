// @ts-check
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

/** @type {Map<string, (event: any) => void>} */
const listeners = new Map();
/** @type {unknown[][]} */
const done = [];
const stage = { windows: /** @type {object[]} */ ([]), isOnline: true };

const registration = {
  /** @param {unknown[]} shown */
  showNotification: async (...shown) => void done.push(["shown", ...shown]),
};
const clients = {
  matchAll: async () => stage.windows,
  /** @param {string} path */
  openWindow: async (path) => void done.push(["opened", path]),
};

/** @param {boolean} isOurs */
const aWindow = (isOurs) => ({
  focus: async () => void done.push(["focused"]),
  /** @param {string} path */
  navigate: async (path) => {
    if (!isOurs) throw new TypeError("this worker does not control the page");
    done.push(["led to", path]);
  },
});

Object.assign(globalThis, {
  addEventListener: (/** @type {string} */ type, /** @type {(event: any) => void} */ heard) =>
    listeners.set(type, heard),
  registration,
  clients,
  caches: { match: async (/** @type {string} */ path) => new Response(`kept: ${path}`) },
  fetch: async () => {
    if (!stage.isOnline) throw new TypeError("Failed to fetch");
    return new Response("from the hub");
  },
});
await import("../../../inbox/static/inbox/device/service_worker.js");

/**
 * Let an event happen, and return what it was answered with.
 * @param {string} type
 * @param {object} event
 * @returns {Promise<any>}
 */
async function happen(type, event) {
  /** @type {Promise<unknown>[]} */
  const work = [];
  const keep = (/** @type {Promise<unknown>} */ one) => void work.push(one);
  listeners.get(type)?.({ waitUntil: keep, respondWith: keep, ...event });
  return (await Promise.all(work))[0];
}

const click = () =>
  happen("notificationclick", { notification: { close: () => done.push(["closed"]), data: { path: "/accounts" } } });

beforeEach(() => {
  done.length = 0;
  Object.assign(stage, { windows: [], isOnline: true });
});

test("an alert is shown with its words, and one takes the place of the one before", async () => {
  const alert = { title: "1 个账号需要处理", body: "「玫瑰小店」：需要重新登录。", path: "/accounts" };
  await happen("push", { data: { json: () => alert } });
  const [[, title, options]] = /** @type {[[string, string, any]]} */ (done);
  assert.equal(title, alert.title);
  assert.equal(options.body, alert.body);
  assert.deepEqual([options.tag, options.renotify, options.data], ["imhub", true, { path: "/accounts" }]);
});

test("a push without words still shows something, or the browser would say that the page worked unseen", async () => {
  await happen("push", { data: null });
  assert.equal(done[0]?.[1], "IM Hub");
});

test("a click leads the open window to the page, and opens one where there is none", async () => {
  stage.windows = [aWindow(true)];
  await click();
  assert.deepEqual(done, [["closed"], ["focused"], ["led to", "/accounts"]]);
  done.length = 0;
  stage.windows = [];
  await click();
  assert.deepEqual(done, [["closed"], ["opened", "/accounts"]]);
});

test("a window that this worker cannot lead gets a new one beside it", async () => {
  stage.windows = [aWindow(false)];
  await click();
  assert.deepEqual(done.at(-1), ["opened", "/accounts"]);
});

test("without a network a page of its own is shown, and nothing else is ever kept", async () => {
  const page = { request: { mode: "navigate" } };
  assert.equal(await (await happen("fetch", page)).text(), "from the hub");
  stage.isOnline = false;
  assert.equal(await (await happen("fetch", page)).text(), "kept: /static/inbox/device/offline.html");
  assert.equal(await happen("fetch", { request: { mode: "cors" } }), undefined, "the browser asks for it itself");
});
