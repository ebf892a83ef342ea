// @ts-check
// The field to answer in: what is begun in it is kept, also for other windows of this device. sending.js sends it.
import { around, find, needIn } from "../page/dom.js";
import { on } from "../page/page.js";
import { say } from "../words/words.js";
import { ask, hideAsk } from "./asking.js";
import { drafts, fieldOf, formAt, formOf, forms, nameOf, placeOf } from "./fields.js";
import { isUnderway, plain, settleOutgoing, showOutgoing } from "./outgoing.js";
import { charsLeft, isAnsweredSince } from "./rules.js";

/** @import {Draft, Place} from "./drafts.js" */

/** @type {Set<() => void>} hear that drafts changed */
const listeners = new Set();
/** @type {(form: HTMLFormElement, isTyping: boolean) => void} */
let typed = () => {};
/** @type {WeakMap<HTMLFormElement, string>} the place whose draft a form was given */
const filled = new WeakMap();

/** @param {() => void} listener */
export function onDrafts(listener) {
  listeners.add(listener);
}

export function tellDrafts() {
  for (const tell of listeners) tell();
}

/** @param {(form: HTMLFormElement, isTyping: boolean) => void} listener hears of each letter, and when it is sent */
export function onTyping(listener) {
  typed = listener;
}

/**
 * @param {HTMLFormElement} form
 * @param {boolean} isTyping
 */
export function tellTyping(form, isTyping) {
  typed(form, isTyping);
}

export function startComposer() {
  drafts.prune(Date.now());
  document.addEventListener("keydown", (event) => {
    const form = formOf(event);
    if (!form || event.target !== fieldOf(form) || event.defaultPrevented) return;
    if (event.key === "Escape") leaveField(event, form);
  });
  document.addEventListener("input", (event) => {
    const form = formOf(event);
    if (form && event.target === fieldOf(form)) edited(form);
  });
  document.addEventListener("click", clicked);
  addEventListener("storage", followed);
  on("read", (_source, asked) => opened(asked));
  opened();
}

/** @param {MouseEvent} event */
function clicked(event) {
  const words = around(event, "[data-insert]")?.dataset.insert;
  const here = forms()[0];
  if (words === undefined || !here) return;
  around(event, "details")?.removeAttribute("open");
  insert(here, words);
}

/**
 * Give each form that has just come what was begun there.
 * @param {number} [asked] when the page was asked for that is shown, as performance.now() tells it
 */
export function opened(asked = 0) {
  const shown = settleOutgoing(asked);
  for (const form of forms()) {
    const place = placeOf(form);
    const draft = drafts.get(place);
    // It came, though nobody said so.
    if (draft?.clientId && shown.has(plain(draft.clientId))) dropSent(place, draft.clientId, draft.text);
    if (filled.get(form) !== nameOf(place)) fill(form, place);
    show(form);
  }
}

/**
 * @param {HTMLFormElement} form
 * @param {Place} place
 */
function fill(form, place) {
  filled.set(form, nameOf(place));
  hideAsk(form);
  const draft = drafts.get(place);
  if (draft?.clientId && isUnderway(draft.clientId)) {
    fieldOf(form).value = "";
    showOutgoing(form, draft.clientId, draft.text);
    return;
  }
  fieldOf(form).value = draft?.text ?? "";
  if (draft && draft.answer === undefined) drafts.put(place, { ...draft, ...seenIn(form) });
}

/**
 * What the page shows of the thread, for a draft that is begun now.
 * @param {HTMLFormElement} form
 */
const seenIn = ({ dataset: { basedOn = "", answer = "" } }) => ({ basedOn, answer });

/**
 * Another window of this person wrote, sent or dropped a draft: a field that shows the same goes along, so that nobody
 * sends it once more from here.
 * @param {StorageEvent} event
 */
function followed(event) {
  for (const form of forms()) {
    const change = drafts.changeAt(placeOf(form), event);
    const field = fieldOf(form);
    if (!change || field.value.trim() !== change.before) continue;
    field.value = change.after;
    show(form);
  }
}

/**
 * Put words where the caret is.
 * @param {HTMLFormElement} form
 * @param {string} words
 */
export function insert(form, words) {
  const field = fieldOf(form);
  field.focus();
  field.setRangeText(words, field.selectionStart, field.selectionEnd, "end");
  edited(form);
}

/** @param {HTMLFormElement} form */
export function focusOn(form) {
  const field = fieldOf(form);
  field.focus();
  field.setSelectionRange(field.value.length, field.value.length);
}

/**
 * The draft stays, and the keys are the inbox' again.
 * @param {KeyboardEvent} event
 * @param {HTMLFormElement} form
 */
function leaveField(event, form) {
  if (event.isComposing || event.keyCode === 229) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  giveKeysBack(form);
  if (form.closest(".answer-here")) form.remove();
}

/**
 * Let what stands beside the form have the keys: the talk, or the messages. Nobody went there: no ring is drawn around it.
 * @param {HTMLFormElement} form
 */
export function giveKeysBack(form) {
  const beside = form.closest(".talk") ?? find("messages") ?? find("comments");
  if (!(beside instanceof HTMLElement)) return;
  beside.focus({ preventScroll: true });
  const { dataset } = document.documentElement;
  dataset.given = "";
  document.addEventListener("focusin", () => delete dataset.given, { once: true });
}

/** @param {HTMLFormElement} form */
function edited(form) {
  const place = placeOf(form);
  const { value: text } = fieldOf(form);
  const begun = drafts.get(place);
  const seen = seenIn(form);
  const since = { basedOn: begun?.basedOn ?? seen.basedOn, answer: begun?.answer ?? seen.answer };
  drafts.put(place, { text, ...since, at: Date.now() });
  if (!text.trim()) hideAsk(form);
  typed(form, text.trim() !== "");
  show(form);
}

/** @param {HTMLFormElement} form */
function show(form) {
  const left = charsLeft(fieldOf(form).value);
  const length = needIn(form, ".length");
  length.textContent = left === null ? "" : say(left < 0 ? "reply_too_long" : "reply_room", { n: Math.abs(left) });
  length.classList.toggle("wrong", left !== null && left < 0);
  const { answer = "", answerBy = "", answerText = "" } = form.dataset;
  const draft = drafts.get(placeOf(form));
  const isGone = Boolean(draft?.clientId && isUnderway(draft.clientId));
  if (!isGone && isAnsweredSince(draft, answer)) ask(form, answerBy, answerText);
  tellDrafts();
}

/**
 * The hub has it: the draft is gone, also from a field that got it meanwhile.
 * @param {Place} place
 * @param {string} clientId
 * @param {string} text
 */
export function dropSent(place, clientId, text) {
  if (drafts.get(place)?.clientId !== clientId) return;
  drafts.drop(place);
  const form = formAt(place);
  if (form && fieldOf(form).value.trim() === text) fieldOf(form).value = "";
}

/**
 * Put what did not go into the field again, above what somebody writes there by now.
 * @param {Place} place
 * @param {Draft} draft
 */
export function restore(place, draft) {
  const form = formAt(place);
  const field = form ? fieldOf(form) : null;
  const other = (field?.value ?? drafts.get(place)?.text ?? "").trim();
  if (other === "") {
    if (field) field.value = draft.text;
    drafts.put(place, draft);
  } else if (other !== draft.text) {
    const { basedOn, answer, at } = draft; // with other words it is another reply
    drafts.put(place, { text: `${draft.text}\n${field?.value ?? other}`, basedOn, answer, at });
    field?.setRangeText(`${draft.text}\n`, 0, 0, "preserve");
  }
  if (!form) return;
  if (draft.answer === undefined) drafts.put(place, { ...(drafts.get(place) ?? draft), ...seenIn(form) });
  show(form);
}
