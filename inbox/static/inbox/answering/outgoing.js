// @ts-check
// What was just sent stands under the talk at once, until the page that the hub renders has it.
import { all, find, make } from "../page/dom.js";
import { say } from "../words/words.js";

/** @type {Set<string>} names of what the hub was sent and has not answered */
const underway = new Set();
/** @type {Map<string, number>} name -> when the hub answered, as performance.now() tells it */
const ended = new Map();

/** @param {string} clientId */
export function noteUnderway(clientId) {
  underway.add(clientId);
}

/** @param {string} clientId */
export function noteEnded(clientId) {
  underway.delete(clientId);
  ended.set(plain(clientId), performance.now());
}

export const isUnderway = (/** @type {string} */ clientId) => underway.has(clientId);

/** Return the place of the open thread, or of what is answered there. */
const placeNear = (/** @type {HTMLElement} */ form) =>
  form.closest(".talk, #on-work")?.querySelector(".outgoing") ?? find("outgoing");

/**
 * @param {HTMLElement} form
 * @param {string} clientId
 * @param {string} text
 */
export function showOutgoing(form, clientId, text) {
  dropOutgoing(clientId);
  const line = make("div", { className: "written-reply wait" });
  line.dataset.client = plain(clientId);
  const bubble = make("div", { className: "bubble" });
  bubble.append(make("bdi", { textContent: text }));
  line.append(bubble, make("p", { className: "meta", textContent: say("reply_leaving") }));
  placeNear(form)?.append(line);
}

/** @param {string} clientId */
export function dropOutgoing(clientId) {
  for (const line of all(document, ".outgoing .written-reply")) {
    if (line.dataset.client === plain(clientId)) line.remove();
  }
}

/** Tell whether the page shows the reply, be it from the hub or still on its way there. */
export const isShown = (/** @type {string} */ clientId) =>
  all(document, ".written-reply").some((line) => line.dataset.client === plain(clientId));

/**
 * The page was read anew: what the hub shows itself is not shown twice. What the hub had before it was asked for the
 * page, and does not show as a reply, is a message by now.
 * @param {number} asked as performance.now() tells it
 */
export function settleOutgoing(asked) {
  const shown = new Set(all(document, ".written > .written-reply").map((line) => line.dataset.client));
  for (const line of all(document, ".outgoing .written-reply")) {
    const { client = "" } = line.dataset;
    if (shown.has(client) || (ended.get(client) ?? Infinity) < asked) line.remove();
  }
  return shown;
}

/** @param {string} clientId */
export const plain = (clientId) => clientId.replaceAll("-", "");
