// @ts-check
// What the pages do with an answer that is none, and the words that show for a moment.
import { $, el } from "./site.js";

/**
 * Whether the answer is none: the page loads anew, or a check covers it.
 * @param {Response} response
 */
export async function isGoing(response) {
  if (response.headers.get("x-demo-page") === "reload") {
    location.reload();
    return true;
  }
  if (response.headers.has("x-vc-bdturing-parameters")) {
    showCheck();
    return true;
  }
  return false;
}

/** The frame of the check is there always; now it is seen. */
function showCheck() {
  document.querySelector("iframe.check")?.setAttribute("style", "width:340px;height:220px");
}

/**
 * Show some words for a moment.
 * @param {string} words
 */
export function toast(words) {
  const node = el("div", { class: "semi-toast", role: "alert" }, words);
  $("root").append(node);
  setTimeout(() => node.remove(), 3000);
}
