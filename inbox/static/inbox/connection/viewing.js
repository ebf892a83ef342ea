// @ts-check
// Which colleague looks at which thread: their initials stand in its row and beside its name; who answers there is said
// where one would answer too.
import { onTyping } from "../answering/composer.js";
import { forms, threadOf } from "../answering/fields.js";
import { rows } from "../list/shown.js";
import { find } from "../page/dom.js";
import { on } from "../page/page.js";
import { firstGrapheme, isolate } from "../words/foreign.js";
import { say } from "../words/words.js";

/** @import {ViewingFrame} from "../api/shapes.js" */

const AGAIN_MS = 3_000;
const FORGET_MS = 6_000;
/**
 * Account and user -> the thread. `typedAt`: when it was heard last that they answer there, ms; 0: never.
 * @type {Map<string, {account: string, name: string, threadId: string, typedAt: number}>}
 */
const viewers = new Map();
/** @type {(threadId: string | null, typing?: boolean) => void} */
let send = () => {};
/** @type {string | null} */
let told = null;
let typedAt = 0;

/** @param {(threadId: string | null, typing?: boolean) => void} tell tells the hub */
export function startViewing(tell) {
  send = tell;
  on("read", () => {
    tellViewing(true);
    paint();
  });
  document.addEventListener("visibilitychange", () => tellViewing(true));
  onTyping((form, isTyping) => tellTyping(threadOf(form), isTyping));
}

/** @param {boolean} [changed] only if it is another thread than before */
export function tellViewing(changed = false) {
  const { id = null, kind } = find("thread")?.dataset ?? {};
  const shown = document.visibilityState === "visible" && kind !== "notification" ? id : null;
  if (changed && shown === told) return;
  told = shown;
  typedAt = 0;
  send(shown);
}

/**
 * Somebody answers here, or does not any more. The hub is told at most every few seconds.
 * @param {string} threadId
 * @param {boolean} isTyping
 */
export function tellTyping(threadId, isTyping) {
  if (!threadId) return; // a comment under a work is in no thread
  if (!isTyping) {
    if (typedAt) tellViewing();
    return;
  }
  if (Date.now() - typedAt < AGAIN_MS) return;
  typedAt = Date.now();
  told = threadId;
  send(threadId, true);
}

/** @param {ViewingFrame} frame */
export function heardViewing({ account, user_name: name, thread_id: threadId, typing = false }) {
  if (name === document.body.dataset.me) return;
  const key = `${account} ${name}`;
  if (threadId === null) viewers.delete(key);
  else viewers.set(key, { account, name, threadId, typedAt: typing ? Date.now() : 0 });
  if (typing) setTimeout(paint, FORGET_MS + 1);
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
  for (const form of forms()) showTyping(form);
}

/** @param {HTMLFormElement} form */
function showTyping(form) {
  const since = Date.now() - FORGET_MS;
  const { account } = form.dataset;
  const here = [...viewers.values()].filter((one) => one.threadId === threadOf(form) && one.account === account);
  const names = here.filter((one) => one.typedAt > since).map((one) => isolate(one.name));
  const text = names.length ? say("reply_typing", { names: names.join(", ") }) : "";
  const place = form.querySelector(".typing");
  if (place && place.textContent !== text) place.textContent = text;
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
