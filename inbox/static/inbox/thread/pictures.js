// @ts-check
// Pictures: a larger view with arrows, and an honest box for those whose address has expired.
import { all, around, find, make, need, needIn } from "../page/dom.js";
import { on } from "../page/page.js";
import { say } from "../words/words.js";

/** @type {Record<string, number>} */
const STEPS = { ArrowLeft: -1, ArrowRight: +1 };
const viewer = () => need("viewer", HTMLDialogElement);
const pictures = () => all(document, ".picture-of");
/** @type {Set<string>} addresses that did not load */
const gone = new Set();
/** @type {HTMLElement | null} */
let at = null;

export function startPictures() {
  document.addEventListener("error", (event) => failed(event), true);
  expireGone();
  on("read", expireGone);
  document.addEventListener("click", (event) => {
    const button = around(event, ".picture-of");
    if (button) show(button);
    if (around(event, "#viewer-close") || event.target === find("viewer")) viewer().close();
  });
  find("viewer")?.addEventListener("keydown", (event) => {
    const step = STEPS[event.key];
    const next = step && at && pictures()[pictures().indexOf(at) + step];
    if (next) show(next);
  });
}

/** @param {Event} event */
function failed(event) {
  const button = around(event, ".picture-of");
  if (button) expire(button);
  if (event.target instanceof Element && event.target.matches(".face img, .cover img")) event.target.remove();
}

/** @param {HTMLElement} button */
function show(button) {
  at = button;
  needIn(viewer(), "img", HTMLImageElement).src = button.dataset.large ?? "";
  if (!viewer().open) viewer().showModal();
}

/** @param {HTMLElement} button */
const imageOf = (button) => needIn(button, "img", HTMLImageElement);

/** Those that failed before this script ran, or stand in the page anew. */
function expireGone() {
  for (const button of pictures()) {
    const image = imageOf(button);
    if (gone.has(image.src) || (image.complete && image.src && !image.naturalWidth)) expire(button);
  }
}

/** @param {HTMLElement} button */
function expire(button) {
  gone.add(imageOf(button).src);
  const box = make("div", { className: "expired" });
  box.append(make("span", { textContent: say("picture_gone") }));
  const { there, thereText = "" } = button.dataset;
  if (there) {
    const link = { href: there, target: "_blank", rel: "noopener noreferrer", textContent: thereText };
    box.append(make("a", link));
  }
  button.replaceWith(box);
}
