// @ts-check
// Which colleague looks at which thread: their initials stand in its row and beside its name.
import { rows } from "../list/shown.js";
import { find } from "../page/dom.js";
import { on } from "../page/page.js";
import { firstGrapheme, isolate } from "../words/foreign.js";
import { say } from "../words/words.js";

/** @import {ViewingFrame} from "../api/shapes.js" */

/** @type {Map<string, {account: string, name: string, threadId: string}>} account and user -> the thread */
const viewers = new Map();
/** @type {(threadId: string | null) => void} */
let send = () => {};
/** @type {string | null} */
let told = null;

/** @param {(threadId: string | null) => void} tell tells the hub */
export function startViewing(tell) {
  send = tell;
  on("read", () => {
    tellViewing(true);
    paint();
  });
  document.addEventListener("visibilitychange", () => tellViewing(true));
}

/** @param {boolean} [changed] only if it is another thread than before */
export function tellViewing(changed = false) {
  const { id = null, kind } = find("thread")?.dataset ?? {};
  const shown = document.visibilityState === "visible" && kind !== "notification" ? id : null;
  if (changed && shown === told) return;
  told = shown;
  send(shown);
}

/** @param {ViewingFrame} frame */
export function heardViewing({ account, user_name: name, thread_id: threadId }) {
  if (name === document.body.dataset.me) return;
  const key = `${account} ${name}`;
  if (threadId === null) viewers.delete(key);
  else viewers.set(key, { account, name, threadId });
  paint();
}

/** What was heard over a connection that is lost may be true no more. */
export function forgetViewers() {
  viewers.clear();
  paint();
}

function paint() {
  for (const row of rows()) show(row, row.dataset.account, row.dataset.thread);
  const thread = find("thread");
  if (thread) show(thread, thread.dataset.account, thread.dataset.id);
}

/**
 * @param {HTMLElement} element a row or the open thread
 * @param {string | undefined} account
 * @param {string | undefined} threadId
 */
function show(element, account, threadId) {
  const place = element.querySelector(".viewers");
  if (!(place instanceof HTMLElement)) return;
  const here = [...viewers.values()].filter((one) => one.threadId === threadId && one.account === account);
  const names = here.map((one) => one.name);
  place.hidden = !names.length;
  place.textContent = names.map((name) => firstGrapheme(name).toUpperCase()).join("");
  place.title = names.length ? say("viewing", { names: names.map(isolate).join(", ") }) : "";
  place.setAttribute("role", "img");
  place.setAttribute("aria-label", place.title);
}
