// @ts-check
// Sends what stands in the field, once, and puts it back if it did not go.
import { write } from "../api/api.js";
import { isForbidden, Refused } from "../api/failures.js";
import { settings } from "../device/settings.js";
import { around, find, needIn } from "../page/dom.js";
import { refresh } from "../page/page.js";
import { toast } from "../page/toast.js";
import { say } from "../words/words.js";
import { ask, hideAsk, isAnswered, isAsking } from "./asking.js";
import { dropSent, giveKeysBack, restore, tellDrafts, tellTyping } from "./composer.js";
import { drafts, fieldOf, formAt, formOf, placeOf } from "./fields.js";
import { dropOutgoing, isShown, noteEnded, noteUnderway, plain, showOutgoing } from "./outgoing.js";
import { charsLeft, isCertain, newClientId, sends, wentNowhere } from "./rules.js";

/** @import {Draft, Place} from "./drafts.js" */

const HOLD_MS = 5_000;
const isPhone = matchMedia("(pointer: coarse)");
/** @type {{place: Place, clientId: string, text: string, at: number} | null} */
let lastSent = null;

export function startSending() {
  document.addEventListener("submit", (event) => {
    const form = formOf(event);
    if (!form) return;
    event.preventDefault();
    send(form);
  });
  document.addEventListener("keydown", pressed);
  document.addEventListener("click", (event) => {
    const form = formOf(event);
    const button = around(event, "[data-ask]");
    if (form && button?.dataset.ask === "force") send(form, true);
  });
}

/**
 * A key that is held down sends nothing: the first press may have moved it to the button that sends all the same.
 * @param {KeyboardEvent} event
 */
function pressed(event) {
  const form = formOf(event);
  if (!form || event.defaultPrevented) return;
  if (event.repeat && around(event, "[data-ask]")) event.preventDefault();
  if (event.target !== fieldOf(form) || !sends(event, settings.enterBreaks)) return;
  event.preventDefault();
  if (!event.repeat) send(form);
}

/**
 * @param {HTMLFormElement} form
 * @param {boolean} [force] also though somebody answered meanwhile
 * @returns {Promise<void>}
 */
async function send(form, force = false) {
  const field = fieldOf(form);
  const text = field.value.trim();
  if (!text || (charsLeft(text) ?? 0) < 0) return;
  if (!force && isAsking(form)) {
    needIn(form, '[data-ask="force"]').focus();
    return;
  }
  const place = placeOf(form);
  const begun = drafts.get(place);
  const basedOn = begun?.basedOn ?? form.dataset.basedOn ?? "";
  const clientId = begun?.clientId ?? newClientId();
  const draft = { text, basedOn, answer: begun?.answer ?? form.dataset.answer ?? "", at: Date.now() };
  drafts.put(place, { ...draft, clientId });
  lastSent = { place, clientId, text, at: Date.now() };
  noteUnderway(clientId);
  leave(form, field, clientId, text);
  const { key, target, account } = place;
  const body = { client_id: clientId, [key]: target, account_id: account, text, force };
  try {
    const reply = await write("POST", "replies", key === "content_id" ? body : { ...body, based_on: basedOn });
    noteEnded(clientId);
    if (begun?.clientId && wentNowhere(reply)) again(place, draft, clientId, force);
    else arrived(place, clientId, text);
  } catch (error) {
    noteEnded(clientId);
    // What it was based on may be gone: then the newest that is shown counts.
    const isGone = error instanceof Refused && error.message.startsWith("based_on");
    const kept = { ...draft, ...(isGone ? { basedOn: undefined } : {}), ...(isCertain(error) ? {} : { clientId }) };
    putBack(place, kept, clientId);
    explain(formAt(place) ?? form, error);
  }
  tellDrafts();
  refresh();
}

/**
 * Show at once that it is on its way. The next key is for the inbox again; a phone keeps its keyboard.
 * @param {HTMLFormElement} form
 * @param {HTMLTextAreaElement} field
 * @param {string} clientId
 * @param {string} text
 */
function leave(form, field, clientId, text) {
  field.value = "";
  hideAsk(form);
  tellTyping(form, false);
  showOutgoing(form, clientId, text);
  const messages = find("messages");
  if (messages) messages.scrollTop = messages.scrollHeight;
  const open = /** @type {HTMLElement | null} */ (form.closest("#thread, .talk"));
  if (open) open.dataset.pending = "held";
  if (!isPhone.matches) giveKeysBack(form);
}

/**
 * @param {Place} place
 * @param {string} clientId
 * @param {string} text
 */
function arrived(place, clientId, text) {
  dropSent(place, clientId, text);
  const heard = find("heard"); // a toast would stand over the reply, which says the same
  if (!isShown(clientId)) offerUndo();
  else if (heard) heard.textContent = say("reply_held");
}

/**
 * It went nowhere when it was sent under this name before: it goes under a new one, unless other words stand there now.
 * @param {Place} place
 * @param {Draft} draft
 * @param {string} clientId
 * @param {boolean} force
 */
function again(place, draft, clientId, force) {
  putBack(place, draft, clientId);
  const form = formAt(place);
  if (form && fieldOf(form).value.trim() === draft.text) send(form, force);
}

/**
 * @param {Place} place
 * @param {Draft} draft
 * @param {string} clientId
 */
function putBack(place, draft, clientId) {
  lastSent = null;
  dropOutgoing(clientId);
  if (drafts.get(place)?.clientId === clientId) drafts.drop(place);
  restore(place, draft);
}

/**
 * @param {HTMLFormElement} form
 * @param {unknown} error
 */
function explain(form, error) {
  if (error instanceof Refused && error.status === 409 && isAnswered(error.data)) {
    const { item } = error.data;
    ask(form, item.answered_by ?? item.by?.name ?? "", item.content ?? item.text ?? "");
  } else if (error instanceof Refused && error.status === 409) toast(say("reply_closed"));
  else if (isForbidden(error)) toast(say("not_allowed"));
  else if (error instanceof Refused && isCertain(error)) toast(say("reply_not_taken", { why: error.message }));
  else toast(say("reply_uncertain"));
}

/** Where the reply itself is not shown, what was just sent can still be taken back. */
export function offerUndo() {
  if (!lastSent || Date.now() - lastSent.at > HOLD_MS) return;
  const { place, clientId, text } = lastSent;
  const id = `repl_${place.account}_${plain(clientId)}`;
  toast(say("reply_held"), { text: say("reply_undo"), act: () => takeBack(id, text, place) });
}

/**
 * @param {string} id of the reply
 * @param {string} text
 * @param {Place} place
 */
export async function takeBack(id, text, place) {
  lastSent = null;
  try {
    await write("DELETE", `replies/${encodeURIComponent(id)}`);
    restore(place, { text, at: Date.now() });
    toast(say("reply_taken_back"));
  } catch (error) {
    if (isForbidden(error)) toast(say("not_allowed"));
    else toast(say(error instanceof Refused && error.status === 409 ? "reply_gone" : "reply_not_back"));
  }
  refresh();
}
