// @ts-check
// The team's note on a person: saved when the field is left or with Ctrl Enter, and never lost on the way.
import { write } from "../api/api.js";
import { isForbidden } from "../api/failures.js";
import { around, find } from "../page/dom.js";
import { on, refresh } from "../page/page.js";
import { toast } from "../page/toast.js";
import { say } from "../words/words.js";

/** @type {string | null} the text that the hub has, of the field that was focused last */
let saved = null;

const field = () => find("note", HTMLTextAreaElement);
const fieldOf = (/** @type {Event} */ event) => around(event, "#note", HTMLTextAreaElement);

export function startNotes() {
  document.addEventListener("focusin", (event) => {
    const note = fieldOf(event);
    if (note) saved = note.value;
  });
  document.addEventListener("focusout", (event) => {
    const note = fieldOf(event);
    if (note) save(note);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) fieldOf(event)?.blur();
  });
  document.addEventListener("click", (event) => {
    if (around(event, "#write-note")) begin();
  });
  addEventListener("pagehide", () => {
    const note = field();
    if (note && note === document.activeElement) save(note);
  });
  on("read", () => {
    const note = field();
    if (note && note !== document.activeElement) note.value = note.defaultValue;
  });
}

function begin() {
  if (matchMedia("(max-width: 1399.98px)").matches) document.body.classList.add("show-context");
  field()?.focus();
}

/** @param {HTMLTextAreaElement} note */
async function save(note) {
  const text = note.value.trim();
  if (note.readOnly || saved === null || text === saved.trim()) return;
  saved = text;
  try {
    await write("PUT", note.dataset.route ?? "", { text });
    note.defaultValue = text;
    toast(say("note_saved"));
  } catch (error) {
    saved = null;
    toast(say(isForbidden(error) ? "not_allowed" : "note_not_saved"));
    return;
  }
  refresh();
}
