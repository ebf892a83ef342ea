// @ts-check
// The forms to answer in that the page shows, what each answers, and the drafts of this device.
import { all, around, needIn } from "../page/dom.js";
import { Drafts } from "./drafts.js";

/** @import {Place} from "./drafts.js" */

export const drafts = new Drafts(localStorage, document.body.dataset.me ?? "");

export const forms = () => all(document, "form[data-composer]", HTMLFormElement);
export const formOf = (/** @type {Event} */ event) => around(event, "form[data-composer]", HTMLFormElement);
export const fieldOf = (/** @type {HTMLFormElement} */ form) => needIn(form, "textarea", HTMLTextAreaElement);

/** Return the id of the conversation, or of the comment with its replies, in which the form stands. */
export const threadOf = (/** @type {HTMLFormElement} */ form) =>
  /** @type {HTMLElement | null} */ (form.closest("#thread, .talk"))?.dataset.id ?? "";

/**
 * @param {HTMLFormElement} form
 * @returns {Place}
 */
export const placeOf = ({ dataset: { account = "", key = "", target = "" } }) => ({ account, key, target });
export const nameOf = (/** @type {Place} */ { account, key, target }) => `${account} ${key} ${target}`;
export const formAt = (/** @type {Place} */ place) => forms().find((form) => nameOf(placeOf(form)) === nameOf(place));
