// @ts-check
// The page of a computer that is being added: its commands are copied, and it is looked for until it comes.
import { copyText } from "../page/clipboard.js";
import { around, find } from "../page/dom.js";
import { refresh } from "../page/page.js";

const EVERY_MS = 3_000;

export function startComputer() {
  if (!find("computer")) return;
  document.addEventListener("click", (event) => {
    const button = around(event, "[data-copy]");
    if (button) copyText(find(button.dataset.copy ?? "")?.textContent ?? "");
  });
  setInterval(() => {
    if (find("computer")?.dataset.again !== undefined && document.visibilityState === "visible") refresh();
  }, EVERY_MS);
}
