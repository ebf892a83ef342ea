// @ts-check
// Which saved replies a few letters mean, and their words with the names filled in. Pure.

/** @typedef {{title: string, text: string}} Saved */

const MOST = 8;

/**
 * Return what is searched for, if the text up to the caret begins or continues such a search: a line that begins with /,
 * or with what Chinese input methods write for that key.
 * @param {string} before the text up to the caret
 */
export function searchIn(before) {
  const found = /(?:^|\n)[/／、]([^\n/／、]{0,40})$/.exec(before);
  return found ? (found[1] ?? "") : null;
}

/**
 * Return the replies that fit: those whose title begins so first, then those that have it in the title, then in the text.
 * @template {Saved} T
 * @param {T[]} replies
 * @param {string} wanted
 */
export function choose(replies, wanted) {
  const words = fold(wanted.trim());
  /** @param {Saved} one */
  const rank = ({ title, text }) =>
    fold(title).startsWith(words) ? 0 : fold(title).includes(words) ? 1 : fold(text).includes(words) ? 2 : 3;
  const ranked = replies.map((one) => ({ one, at: rank(one) })).filter(({ at }) => at < 3);
  return ranked
    .sort((a, b) => a.at - b.at)
    .slice(0, MOST)
    .map(({ one }) => one);
}

const fold = (/** @type {string} */ text) => text.normalize("NFKC").toLocaleLowerCase();

/**
 * Fill in the names of the person and of the account; inbox/pages/person_panel.py does the same.
 * @param {string} text
 * @param {{person: string, account: string}} names
 */
export function fillIn(text, { person, account }) {
  return text.replaceAll(/\{(昵称|name)\}/g, () => person).replaceAll(/\{(账号|account)\}/g, () => account);
}

/**
 * Return what is for one account alone before what is for all.
 * @template {{account_id: string | null}} T
 * @param {T[]} replies
 */
export const ownFirst = (replies) => [...replies].sort((a, b) => Number(!a.account_id) - Number(!b.account_id));
