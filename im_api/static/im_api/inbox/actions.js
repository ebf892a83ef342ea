// What a person does to a thread. It shows at once; if it cannot be saved, all is as before.
import { Refused, write } from "./api.js";
import { neighbour, open, rows, selected, takeOut } from "./list.js";
import { go, refresh } from "./page.js";
import { leaveUnread, thread } from "./thread.js";
import { toast } from "./toast.js";
import { say } from "./words.js";

const ACTIONS = { done, unread, pin, mute, remove, context, copy };

export function startActions() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-action]");
    if (!button) return;
    button.closest("details")?.removeAttribute("open");
    act(button.dataset.action, button);
  });
}

/** On the open thread, else on the selected row. */
export function act(name, button) {
  const facts = (thread() ?? selected())?.dataset;
  if (name === "context" || name === "copy") return ACTIONS[name](facts, button);
  if (!facts?.route || thread()?.dataset.mayWrite === "false") return undefined;
  return ACTIONS[name](facts);
}

const rowOf = (facts) => rows().find((row) => row.dataset.route === facts.route);
const leavesTab = () => (new URLSearchParams(location.search).get("tab") ?? "wait") === "wait";

/** Writes; on success offers `back` for a while, on failure calls `restore`. */
async function perform({ method, path, said, back, restore }) {
  try {
    await write(method, path);
    if (said) toast(say(said), back && { text: say("undo"), act: () => perform(back) });
  } catch (error) {
    restore?.();
    const forbidden = error instanceof Refused && error.status === 403;
    const retry = { text: say("try_again"), act: () => perform({ method, path, said, back }) };
    toast(say(forbidden ? "not_allowed" : "not_saved"), forbidden ? undefined : retry);
  }
  refresh();
}

function moveOn(row) {
  const next = neighbour(+1) ?? neighbour(-1);
  const restore = takeOut(row);
  if (next && next !== row) open(next);
  else if (thread()) go(`/${location.search}`);
  return restore;
}

function done(facts) {
  if (facts.waits !== "true") return undefined;
  const path = `${facts.route}/done`;
  const row = rowOf(facts);
  const restore = leavesTab() && row ? moveOn(row) : undefined;
  return perform({ method: "PUT", path, said: "done", restore, back: { method: "DELETE", path, said: "undone" } });
}

function unread(facts) {
  if (thread()) leaveUnread(thread().dataset.id);
  const path = `${facts.route}/read`;
  return perform({ method: "DELETE", path, said: "unread", back: { method: "PUT", path } });
}

function pin(facts) {
  return toggle(`${facts.route}/pin`, facts.pinned === "true", ["pinned", "unpinned"], facts);
}

function mute(facts) {
  return toggle(`${facts.route}/mute`, facts.muted === "true", ["muted", "unmuted"], facts);
}

function toggle(path, isOn, [on, off], facts) {
  if (!facts.route.startsWith("conversations/")) return undefined;
  const [method, other] = isOn ? ["DELETE", "PUT"] : ["PUT", "DELETE"];
  return perform({ method, path, said: isOn ? off : on, back: { method: other, path } });
}

function remove(facts) {
  const row = rowOf(facts);
  const restore = row ? moveOn(row) : go(`/${location.search}`) && undefined;
  const back = { method: "PUT", path: `${facts.route}/restore` };
  return perform({ method: "DELETE", path: facts.route, said: "removed", restore, back });
}

function context() {
  document.body.classList.toggle("show-context");
}

async function copy(facts, button) {
  const text = button.dataset.copy;
  try {
    await navigator.clipboard.writeText(text);
    toast(say("copied"));
  } catch {
    selectText(text);
    toast(say("copy_by_hand"));
  }
}

/** Without https a browser has no clipboard for scripts. */
function selectText(text) {
  const field = Object.assign(document.createElement("textarea"), { value: text, className: "hidden", readOnly: true });
  document.body.append(field);
  field.select();
  field.addEventListener("blur", () => field.remove());
}
