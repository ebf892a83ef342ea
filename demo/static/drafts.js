// @ts-check
// What was begun and not sent, by conversation: it outlives the page.
import { context } from "./site.js";

const KEY = `drafts:${context.owner}`;

/** @returns {Record<string, string>} */
const all = () => JSON.parse(localStorage.getItem(KEY) ?? "{}");

/** @param {string} id of a conversation */
export const draftOf = (id) => all()[id] ?? context.draft ?? "";

/**
 * @param {string} id
 * @param {string} text
 */
export function keepDraft(id, text) {
  localStorage.setItem(KEY, JSON.stringify({ ...all(), [id]: text }));
}
