// @ts-check
// Other people's words among ours, as inbox/foreign_text.py has them for the server.

const SEEN = /[^\p{Default_Ignorable_Code_Point}\p{White_Space}\p{Cc}\p{Cf}\u2800]/u;
const TURNS =
  /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\u200f\u061c\u202a-\u202e\u2066-\u2069]/u;

/**
 * Return the first character of `text` that people see, with its accents and modifiers; empty if there is none.
 * @param {string} text */
export function firstGrapheme(text) {
  for (const { segment } of new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(text)) {
    if (SEEN.test(segment)) return segment;
  }
  return "";
}

/**
 * Return `text` so that it turns nothing around it, where no markup can say so: between U+2068 and U+2069.
 * @param {string} text
 */
export function isolate(text) {
  return TURNS.test(text) ? `\u2068${balanced(text)}\u2069` : text;
}

/**
 * One isolate ended too many would end ours, one ended too few would take our end for its own.
 * @param {string} text
 */
function balanced(text) {
  let begun = 0;
  const kept = text.replace(/[\u2066-\u2069]/gu, (mark) => {
    if (mark !== "\u2069") begun += 1;
    else if (begun) begun -= 1;
    else return "";
    return mark;
  });
  return kept + "\u2069".repeat(begun);
}
