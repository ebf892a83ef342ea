// @ts-check
// Where something was begun and not sent: said in the list.
import { rows } from "../list/shown.js";
import { on } from "../page/page.js";
import { say } from "../words/words.js";
import { onDrafts } from "./composer.js";
import { drafts } from "./fields.js";

export function startMarks() {
  on("read", paint);
  onDrafts(paint);
  addEventListener("storage", paint);
  document.addEventListener("visibilitychange", paint);
  paint();
}

function paint() {
  const places = drafts.places();
  for (const row of rows()) {
    const mark = row.querySelector(".draft-mark");
    if (!(mark instanceof HTMLElement)) continue;
    mark.hidden = !places.has(`${row.dataset.account} ${row.dataset.thread}`);
    mark.textContent = mark.hidden ? "" : say("draft");
  }
}
