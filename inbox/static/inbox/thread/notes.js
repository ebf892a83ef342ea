// The team's note on a person: saved when the field is left or with Ctrl Enter, and never lost on the way.
import { Refused, write } from "../api/api.js";
import { on, refresh } from "../page/page.js";
import { toast } from "../page/toast.js";
import { say } from "../words/words.js";

let saved = null; // the text that the hub has, of the field that was focused last

export function startNotes() {
  document.addEventListener("focusin", (event) => {
    if (event.target.id === "note") saved = event.target.value;
  });
  document.addEventListener("focusout", (event) => event.target.id === "note" && save(event.target));
  document.addEventListener("keydown", (event) => {
    if (event.target.id === "note" && event.key === "Enter" && (event.ctrlKey || event.metaKey)) event.target.blur();
  });
  document.addEventListener("click", (event) => event.target.closest("#write-note") && begin());
  on("read", () => {
    const field = document.getElementById("note");
    if (field && field !== document.activeElement) field.value = field.defaultValue;
  });
}

function begin() {
  if (matchMedia("(max-width: 1399.98px)").matches) document.body.classList.add("show-context");
  document.getElementById("note")?.focus();
}

async function save(field) {
  const text = field.value.trim();
  if (field.readOnly || saved === null || text === saved.trim()) return;
  saved = text;
  try {
    await write("PUT", field.dataset.route, { text });
    field.defaultValue = text;
    toast(say("note_saved"));
  } catch (error) {
    saved = null;
    toast(say(error instanceof Refused && error.status === 403 ? "not_allowed" : "note_not_saved"));
    return;
  }
  refresh();
}
