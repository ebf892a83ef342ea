// Copying, also where a browser has no clipboard for scripts: without https.
import { toast } from "./toast.js";
import { say } from "../words/words.js";

export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast(say("copied"));
  } catch {
    selectText(text);
    toast(say("copy_by_hand"));
  }
}

function selectText(text) {
  const field = Object.assign(document.createElement("textarea"), { value: text, className: "hidden", readOnly: true });
  document.body.append(field);
  field.select();
  field.addEventListener("blur", () => field.remove());
}
