// @ts-check
// The replies under a talk: take one back, try one again.
import { write } from "../api/api.js";
import { isForbidden, Refused } from "../api/failures.js";
import { around } from "../page/dom.js";
import { refresh } from "../page/page.js";
import { toast } from "../page/toast.js";
import { say } from "../words/words.js";
import { takeBack } from "./sending.js";

export function startWritten() {
  document.addEventListener("click", (event) => {
    const button = around(event, "button[data-reply]", HTMLButtonElement);
    const line = around(event, ".written-reply");
    if (!button || !line) return;
    button.disabled = true;
    const { replyRoute = "", reply } = button.dataset;
    if (reply === "undo") back(line);
    else again(replyRoute);
  });
}

/** @param {HTMLElement} line */
function back(line) {
  const { account = "", key = "", target = "", text = "" } = line.dataset;
  takeBack(line.id.slice("reply-".length), text, { account, key, target });
}

/** @param {string} route */
async function again(route) {
  try {
    await write("POST", `${route}/retry`);
    toast(say("reply_held"));
  } catch (error) {
    if (isForbidden(error)) toast(say("not_allowed"));
    else if (error instanceof Refused) toast(say("reply_not_taken", { why: error.message }));
    else toast(say("reply_not_reached"));
  }
  refresh();
}
