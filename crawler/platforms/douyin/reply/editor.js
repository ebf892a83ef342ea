// @ts-check
// biome-ignore-all lint/correctness/noUnusedVariables: editor.py calls these functions by their names
// The text in a box to write in, line by line. Reads only; leaves nothing in the page.

const BLOCKS = new Set(["DIV", "P", "LI", "PRE", "BLOCKQUOTE", "SECTION"]);

/**
 * Return the text of a node: pictures of emoji count as their names, and what only shows a hint (Slate) as nothing.
 * @param {Node} node
 * @returns {string}
 */
function textOf(node) {
  if (node.nodeType === Node.TEXT_NODE) return node.nodeValue ?? "";
  if (!isElement(node) || node.hasAttribute("data-slate-placeholder")) return "";
  if (node.tagName === "BR") return "\n";
  if (node.tagName === "IMG") return node.title || node.getAttribute("alt") || "";
  if (node.tagName === "TEXTAREA" || node.tagName === "INPUT") return /** @type {HTMLInputElement} */ (node).value;
  let text = "";
  for (const one of node.childNodes) {
    const isBlock = isElement(one) && BLOCKS.has(one.tagName);
    if (isBlock && text !== "" && !text.endsWith("\n")) text += "\n";
    text += textOf(one);
  }
  return text;
}

/**
 * A micro-app makes its elements in a frame, whose classes are not ours: `instanceof` would not know them.
 * @param {Node} node
 * @returns {node is HTMLElement}
 */
const isElement = (node) => node.nodeType === Node.ELEMENT_NODE && "innerText" in node;

/** @param {HTMLElement} editor */
function readEditor(editor) {
  const top = editor.getRootNode();
  const active = top instanceof ShadowRoot ? top.activeElement : document.activeElement;
  return { text: textOf(editor), isFocused: active !== null && (active === editor || editor.contains(active)) };
}
