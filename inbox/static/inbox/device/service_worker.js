// @ts-check
// Shows alerts when no page is open, and a page of its own when there is no network. It keeps nothing else: what the hub
// says is never in its cache.

/** @typedef {import("./service_worker.d.ts").Scope} Scope */
/** @typedef {{title: string, body: string, path: string}} Alert */

const here = /** @type {Scope} */ (/** @type {unknown} */ (globalThis));
const SHELL = "imhub-shell-1";
const OFFLINE = "/static/inbox/device/offline.html";
const ICON = "/static/imhub/icon-192.png";

here.addEventListener("install", (event) => {
  event.waitUntil(caches.open(SHELL).then((cache) => cache.addAll([OFFLINE, ICON])));
});

here.addEventListener("activate", (event) => {
  event.waitUntil(dropOlder());
});

async function dropOlder() {
  for (const name of await caches.keys())
    if (name.startsWith("imhub-shell-") && name !== SHELL) await caches.delete(name);
}

here.addEventListener("fetch", (event) => {
  if (event.request.mode === "navigate") event.respondWith(goOn(event.request));
});

/** @param {Request} request */
async function goOn(request) {
  try {
    return await fetch(request);
  } catch (error) {
    const page = await caches.match(OFFLINE);
    if (page === undefined) throw error;
    return page;
  }
}

here.addEventListener("push", (event) => {
  const { title, body, path } = /** @type {Alert} */ (event.data?.json() ?? { title: "IM Hub", body: "", path: "/" });
  event.waitUntil(
    here.registration.showNotification(title, { body, icon: ICON, tag: "imhub", renotify: true, data: { path } }),
  );
});

here.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(show(event.notification.data.path));
});

/** @param {string} path */
async function show(path) {
  const [open] = await here.clients.matchAll({ type: "window", includeUncontrolled: true });
  try {
    await open?.focus();
    await (open?.navigate(path) ?? here.clients.openWindow(path));
  } catch {
    await here.clients.openWindow(path); // a page that was there before this worker cannot be led on by it
  }
}
