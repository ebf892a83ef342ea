// Rows that look as they did are left alone: the server sends them anew with every change of any.
import { morph } from "../page/morph.js";

const rendered = new WeakMap(); // rows, as the server rendered them last

/** The element that shows the row: the one that is there, made like the new one, as long as it can be. */
export function renewed(old, row) {
  const html = row.outerHTML;
  const element = old?.isConnected ? old : document.adoptNode(row);
  if (element === old) {
    old.classList.remove("leaving");
    if (rendered.get(old) === html) old.ariaSelected = row.ariaSelected;
    else morph(old, row.cloneNode(true));
  }
  rendered.set(element, html);
  return element;
}
