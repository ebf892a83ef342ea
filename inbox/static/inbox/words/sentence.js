// @ts-check
// A sentence of the catalogue with its holes filled in. Pure.

/**
 * A sentence, or two of them: for one, and for any other number.
 * @typedef {string | [one: string, more: string]} Sentence
 */

/**
 * Return `sentence` with each `%(name)s` replaced by the value of that name; `n` chooses between one and more.
 * @param {Sentence} sentence
 * @param {Record<string, string | number>} [values]
 */
export function fill(sentence, values = {}) {
  const text = Array.isArray(sentence) ? sentence[values.n === 1 ? 0 : 1] : sentence;
  return text.replace(/%\((\w+)\)s/g, (_, name) => String(values[name]));
}
