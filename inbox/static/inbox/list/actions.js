// What a person does to a thread, or to all that are picked. It shows at once; if it cannot be saved, all is as before.
import { Refused, readOf, write } from "../api/api.js";
import { copyText } from "../page/clipboard.js";
import { neighbour, open, rows, selected, takeOut } from "./list.js";
import { go, refresh } from "../page/page.js";
import { clear, pickedIn } from "./picked.js";
import { settings } from "../device/settings.js";
import { leaveUnread, thread } from "../thread/thread.js";
import { toast } from "../page/toast.js";
import { say } from "../words/words.js";

const ACTIONS = { done, unread, pin, mute, remove };
const OF_PAGE = {
  context,
  copy: (button) => copyText(button.dataset.copy),
  link: () => copyText(`${location.origin}${location.pathname}`),
};

export function startActions() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-action]");
    if (!button) return;
    button.closest("details")?.removeAttribute("open");
    act(button.dataset.action, button, button.closest("#thread") ? [] : undefined);
  });
}

/** On `given` rows, else on those that are picked, else on the open thread, else on the selected row. */
export function act(name, button, given = pickedIn(rows())) {
  if (name in OF_PAGE) return OF_PAGE[name](button);
  const some = given.length ? given : [thread() ?? selected()].filter(Boolean);
  const facts = some.map((element) => element.dataset).filter((one) => one.route && one.mayWrite !== "false");
  if (!facts.length || !ACTIONS[name]) return undefined;
  clear(rows());
  return ACTIONS[name](facts);
}

const rowsOf = (all) => rows().filter((row) => all.some((facts) => facts.route === row.dataset.route));
const leavesTab = () => (new URLSearchParams(location.search).get("tab") ?? "wait") === "wait";

/** Each of `calls` is [method, path, body]. On success calls `then` and offers `back` for a while, on failure calls `restore`. */
async function perform({ calls, said, back, restore, then }) {
  try {
    await Promise.all(calls.map((call) => write(...call)));
    then?.();
    if (said) toast(say(said, { n: calls.length }), back && { text: say("undo"), act: () => perform(back) });
  } catch (error) {
    restore?.();
    const forbidden = error instanceof Refused && error.status === 403;
    const retry = { text: say("try_again"), act: () => perform({ calls, said, back }) };
    toast(say(forbidden ? "not_allowed" : "not_saved"), forbidden ? undefined : retry);
  }
  refresh();
}

/** The same call for each; `several`: what is said of more than one. */
function performAll(all, [method, suffix, one], undo, restore) {
  const calls = (verb, end) => all.map((facts) => [verb, `${facts.route}${end}`]);
  const several = all.length > 1;
  const back = undo && { calls: calls(undo[0], undo[1]), said: several ? undefined : undo[2], then: restore };
  return perform({ calls: calls(method, suffix), said: several ? "several" : one, restore, back });
}

/** Takes rows out; the next one opens if the open thread goes with them. */
function moveOn(all) {
  const gone = rowsOf(all);
  const opened = thread() && all.some((facts) => facts.route === thread().dataset.route);
  const next = gone.includes(selected()) ? (neighbour(+1) ?? neighbour(-1)) : null;
  const restore = takeOut(...gone);
  if (next && !gone.includes(next)) open(next);
  else if (opened) go(`/${location.search}`);
  return restore;
}

function done(all) {
  const waiting = all.filter((facts) => facts.waits === "true");
  if (!waiting.length) return undefined;
  const restore = leavesTab() ? moveOn(waiting) : undefined;
  return performAll(waiting, ["PUT", "/done", "done"], ["DELETE", "/done", "undone"], restore);
}

function unread(all) {
  if (settings.readsByHand && all.every((facts) => facts.unread !== "0")) return read(all);
  if (thread() && all.some((facts) => facts.route === thread().dataset.route)) leaveUnread(thread().dataset.id);
  return performAll(all, ["DELETE", "/read", "unread"], ["PUT", "/read"]);
}

function read(all) {
  const back = { calls: all.map((facts) => ["DELETE", `${facts.route}/read`]) };
  return perform({ calls: all.map(readOf), said: all.length > 1 ? "several" : "read", back });
}

function pin(all) {
  return switchAll(all, "pin", "pinned", ["pinned", "unpinned"]);
}

function mute(all) {
  return switchAll(all, "mute", "muted", ["muted", "unmuted"]);
}

/** On for all, unless all have it already. */
function switchAll(all, path, fact, [on, off]) {
  const talks = all.filter((facts) => facts.route.startsWith("conversations/"));
  const isOn = talks.every((facts) => facts[fact] === "true");
  const changed = talks.filter((facts) => (facts[fact] === "true") === isOn);
  if (!changed.length) return undefined;
  const [method, other] = isOn ? ["DELETE", "PUT"] : ["PUT", "DELETE"];
  return performAll(changed, [method, `/${path}`, isOn ? off : on], [other, `/${path}`]);
}

function remove(all) {
  const restore = moveOn(all);
  return performAll(all, ["DELETE", "", "removed"], ["PUT", "/restore"], restore);
}

function context() {
  document.body.classList.toggle("show-context");
}
