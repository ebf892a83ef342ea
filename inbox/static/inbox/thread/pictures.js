// Pictures: a larger view with arrows, and an honest box for those whose address has expired.
import { on } from "../page/page.js";
import { say } from "../words/words.js";

const viewer = () => document.getElementById("viewer");
const all = () => [...document.querySelectorAll(".picture-of")];
const gone = new Set(); // addresses that did not load
let at = null;

export function startPictures() {
  document.addEventListener("error", (event) => event.target.closest?.(".picture-of") && expire(event.target.closest(".picture-of")), true);
  expireGone();
  on("read", expireGone);
  document.addEventListener("error", (event) => event.target.matches?.(".face img, .cover img") && event.target.remove(), true);
  document.addEventListener("click", (event) => {
    const button = event.target.closest(".picture-of");
    if (button) show(button);
    if (event.target.closest("#viewer-close") || event.target === viewer()) viewer().close();
  });
  viewer()?.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: +1 }[event.key];
    const next = step && all()[all().indexOf(at) + step];
    if (next) show(next);
  });
}

function show(button) {
  at = button;
  viewer().querySelector("img").src = button.dataset.large;
  if (!viewer().open) viewer().showModal();
}

/** Those that failed before this script ran, or stand in the page anew. */
function expireGone() {
  for (const button of all()) {
    const image = button.querySelector("img");
    if (gone.has(image.src) || (image.complete && image.src && !image.naturalWidth)) expire(button);
  }
}

function expire(button) {
  gone.add(button.querySelector("img").src);
  const box = Object.assign(document.createElement("div"), { className: "expired" });
  box.append(Object.assign(document.createElement("span"), { textContent: say("picture_gone") }));
  if (button.dataset.there) {
    const link = { href: button.dataset.there, target: "_blank", rel: "noopener noreferrer", textContent: button.dataset.thereText };
    box.append(Object.assign(document.createElement("a"), link));
  }
  button.replaceWith(box);
}
