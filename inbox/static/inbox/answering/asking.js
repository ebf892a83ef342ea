// @ts-check
// Somebody of our side answered meanwhile: who and what stands above the field, and whether this goes all the same.
import { make, needIn } from "../page/dom.js";
import { isolate } from "../words/foreign.js";
import { say } from "../words/words.js";

/** @import {AnsweredMeanwhile} from "../api/shapes.js" */

/**
 * @param {unknown} data
 * @returns {data is AnsweredMeanwhile}
 */
export const isAnswered = (data) =>
  typeof data === "object" && data !== null && "code" in data && data.code === "answered_meanwhile";

export const isAsking = (/** @type {HTMLFormElement} */ form) => needIn(form, ".ask").childElementCount > 0;

/**
 * Say who answered what, and ask whether this goes all the same.
 * @param {HTMLFormElement} form
 * @param {string} name empty: on the platform
 * @param {string} words
 */
export function ask(form, name, words) {
  const box = needIn(form, ".ask");
  const said = say(name ? "reply_answered" : "reply_answered_there", { name: isolate(name), words: isolate(words) });
  if (box.firstElementChild?.textContent === said) return;
  const go = make("button", { type: "button", textContent: say("reply_all_the_same") });
  go.dataset.ask = "force";
  box.replaceChildren(make("p", { textContent: said }), go);
}

/** @param {HTMLFormElement} form */
export function hideAsk(form) {
  needIn(form, ".ask").replaceChildren();
}
