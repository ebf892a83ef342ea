// Which colleague looks at which thread: their initials stand in its row and beside its name.
import { rows } from "../list/list.js";
import { on } from "../page/page.js";
import { say } from "../words/words.js";

const viewers = new Map(); // account and user -> the thread
let send = () => {};
let told = null;

/** `tell(threadId)` to the hub. */
export function startViewing(tell) {
  send = tell;
  on("read", () => {
    tellViewing(true);
    paint();
  });
  document.addEventListener("visibilitychange", () => tellViewing(true));
}

/** `changed`: only if it is another thread than before. */
export function tellViewing(changed = false) {
  const shown = document.visibilityState === "visible" ? (document.getElementById("thread")?.dataset.id ?? null) : null;
  if (changed && shown === told) return;
  told = shown;
  send(shown);
}

export function heardViewing({ account, user_name: name, thread_id: threadId }) {
  if (name === document.body.dataset.me) return;
  const key = `${account} ${name}`;
  if (threadId === null) viewers.delete(key);
  else viewers.set(key, { account, name, threadId });
  paint();
}

/** What was heard over a connection that is lost may be true no more. */
export function forgetViewers() {
  viewers.clear();
  paint();
}

function paint() {
  for (const row of rows()) show(row.querySelector(".viewers"), row.dataset.account, row.dataset.thread);
  const thread = document.getElementById("thread");
  if (thread) show(thread.querySelector(".viewers"), thread.dataset.account, thread.dataset.id);
}

function show(place, account, threadId) {
  if (!place) return;
  const names = [...viewers.values()].filter((one) => one.threadId === threadId && one.account === account).map((one) => one.name);
  place.hidden = !names.length;
  place.textContent = names.map((name) => name[0].toUpperCase()).join("");
  place.title = names.length ? say("viewing", { names: names.join(", ") }) : "";
  place.setAttribute("role", "img");
  place.setAttribute("aria-label", place.title);
}
