// @ts-check
// Comments by work: the field comes under the comment that one answers, or under the head of the work.
import { around, find, make } from "../page/dom.js";
import { on } from "../page/page.js";
import { isolate } from "../words/foreign.js";
import { say } from "../words/words.js";
import { focusOn, opened } from "./composer.js";
import { forms } from "./fields.js";

/** What a form takes over from its comment each time that the page is read anew. */
const FACTS = ["basedOn", "answer", "answerBy", "answerText"];

export function startInWorks() {
  document.addEventListener("click", (event) => {
    const button = around(event, "[data-answer-to]");
    const place = around(event, ".talk, #on-work");
    if (button && place) openAt(place, button.dataset.answerTo, button.dataset.answerName);
  });
  on("read", () => {
    for (const form of forms()) takeOver(form, form.closest(".talk"));
  });
}

/**
 * Open the field there; return false if nothing can be sent. What was begun elsewhere is kept.
 * @param {HTMLElement | null} place a comment with its replies, or the head of the work
 * @param {string} [target] id of the comment that is answered, if not the first one
 * @param {string} [name] who wrote it
 */
export function openAt(place, target, name = "") {
  const here = place?.querySelector(".answer-here");
  const template = find("work-composer", HTMLTemplateElement);
  const source = template?.content.querySelector("form");
  if (!place || !here || !source) return false;
  const isTalk = place.matches(".talk");
  const wanted = target ?? (isTalk ? place.dataset.id : workOf(place)) ?? "";
  for (const form of forms()) form.remove();
  const form = /** @type {HTMLFormElement} */ (source.cloneNode(true));
  form.dataset.key = isTalk ? "discussion_id" : "content_id";
  form.dataset.target = wanted;
  takeOver(form, isTalk ? place : null);
  form.dataset.person = name || (place.dataset.person ?? "");
  if (name) {
    const to = make("span", { textContent: say("reply_to", { name: isolate(name) }) });
    form.querySelector(".to")?.append(to);
  }
  here.append(form);
  opened();
  focusOn(form);
  form.scrollIntoView({ block: "nearest" });
  return true;
}

/** @param {HTMLElement} place */
const workOf = (place) => /** @type {HTMLElement | null} */ (place.querySelector("[data-answer-to]"))?.dataset.answerTo;

/**
 * @param {HTMLElement} form
 * @param {Element | null} talk
 */
function takeOver(form, talk) {
  if (!(talk instanceof HTMLElement)) return;
  for (const name of FACTS) form.dataset[name] = talk.dataset[name] ?? "";
}
