// @ts-check
// Copying, also where a browser has no clipboard for scripts: without https.
import { say } from "../words/words.js";
import { make } from "./dom.js";
import { toast } from "./toast.js";

/** @param {string} text */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast(say("copied"));
  } catch {
    selectText(text);
    toast(say("copy_by_hand"));
  }
}

/** @param {string} text */
function selectText(text) {
  const field = make("textarea", { value: text, className: "hidden", readOnly: true });
  document.body.append(field);
  field.select();
  field.addEventListener("blur", () => field.remove());
}
