// @ts-check
// What scripts say to people, from the same catalogue as the page: inbox/script_words.py has the sentences by these keys.
import { need } from "../page/dom.js";
import { fill } from "./sentence.js";

/** @import {Sentence} from "./sentence.js" */
/** @import {Word} from "./catalogue.js" */

/** @type {Record<Word, Sentence>} */
const words = JSON.parse(need("words").textContent);

/**
 * Return the sentence `key` in the person's language with its holes filled in; `n` chooses between one and more.
 * @param {Word} key
 * @param {Record<string, string | number>} [values]
 */
export function say(key, values = {}) {
  return fill(words[key], values);
}

/** Return a time of day as people read it: 14:02. */
export function clock(moment = new Date()) {
  return moment.toLocaleTimeString(document.documentElement.lang, {
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
}
