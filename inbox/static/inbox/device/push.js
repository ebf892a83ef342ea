// @ts-check
// Alerts on this device, also when no page is open: a subscription of the browser, which the hub keeps.
import { find, needIn } from "../page/dom.js";
import { say } from "../words/words.js";

const ADDRESS = "/alerts/devices";

/** @typedef {{key: string, is_on: boolean}} Answer */

export function startPush() {
  const row = find("push-setting");
  if (!row || !isSecureContext || !("serviceWorker" in navigator) || !("PushManager" in window)) return;
  row.hidden = false;
  const box = needIn(row, "input", HTMLInputElement);
  box.addEventListener("change", () => change(box));
  show(box);
}

/** @param {HTMLInputElement} box */
async function show(box) {
  const subscription = await current();
  box.checked = subscription !== null && (await ask("GET", subscription)).is_on;
}

/**
 * Switch it on or off, and say why if that cannot be.
 * @param {HTMLInputElement} box
 */
async function change(box) {
  const wanted = box.checked;
  box.disabled = true;
  complain("");
  try {
    if (wanted) await begin();
    else await end();
  } catch {
    box.checked = !wanted;
    complain(say(Notification.permission === "denied" ? "notices_denied" : "push_failed"));
  } finally {
    box.disabled = false;
  }
}

async function begin() {
  if ((await Notification.requestPermission()) !== "granted") throw new Error("not allowed");
  await navigator.serviceWorker.register("/service-worker.js");
  const { pushManager } = await navigator.serviceWorker.ready;
  const { key } = await ask("GET", null);
  // The browser renews no subscription that was made with another key: that of a hub before this one.
  await (await pushManager.getSubscription())?.unsubscribe();
  await ask("POST", await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key }));
}

async function end() {
  const subscription = await current();
  if (subscription === null) return;
  await ask("DELETE", subscription);
  await subscription.unsubscribe();
}

async function current() {
  const registration = await navigator.serviceWorker.getRegistration("/");
  return (await registration?.pushManager.getSubscription()) ?? null;
}

/**
 * @param {"GET" | "POST" | "DELETE"} method
 * @param {PushSubscription | null} subscription
 * @returns {Promise<Answer>}
 */
async function ask(method, subscription) {
  const query = method === "GET" && subscription ? `?endpoint=${encodeURIComponent(subscription.endpoint)}` : "";
  const keys = subscription?.toJSON().keys;
  const body = JSON.stringify({ endpoint: subscription?.endpoint, p256dh: keys?.p256dh, auth: keys?.auth });
  const headers = { "Content-Type": "application/json", "X-CSRFToken": document.body.dataset.csrf ?? "" };
  const answer = await fetch(ADDRESS + query, method === "GET" ? { method } : { method, headers, body });
  if (!answer.ok) throw new Error(`${answer.status}`);
  return answer.json();
}

/** @param {string} text */
function complain(text) {
  const trouble = find("push-trouble");
  if (!trouble) return;
  trouble.hidden = !text;
  trouble.textContent = text;
}
