// @ts-check
// What a person does to a thread, or to all that are picked. It shows at once; if it cannot be saved, all is as before.
import { offerUndo } from "../answering/sending.js";
import { write } from "../api/api.js";
import { readsOf } from "../api/calls.js";
import { isForbidden } from "../api/failures.js";
import { settings } from "../device/settings.js";
import { linkOf } from "../page/addresses.js";
import { copyText } from "../page/clipboard.js";
import { around } from "../page/dom.js";
import { go, refresh } from "../page/page.js";
import { toast } from "../page/toast.js";
import { leaveUnread, thread } from "../thread/thread.js";
import { say } from "../words/words.js";
import { takeOut } from "./list.js";
import { clear, pickedIn } from "./picked.js";
import { neighbour, open, selected } from "./selection.js";
import { rows } from "./shown.js";

/** @import {Call} from "../api/calls.js" */
/** @import {Word} from "../words/catalogue.js" */

/**
 * The data attributes of a row, a thread or a comment.
 * @typedef {DOMStringMap} Facts
 * @typedef {"PUT" | "DELETE"} Verb
 * @typedef {[verb: Verb, suffix: string, said?: Word]} Step a write to the route of each, and what is said of it
 */

/**
 * `count`: of rows, if that is not one for each call. `said`: what is said of it. `back`: what undoes it. `saved`: what follows when it is saved. `restore`: what shows all
 * as it was.
 * @typedef {object} Task
 * @property {Call[]} calls
 * @property {number} [count]
 * @property {Word | undefined} [said]
 * @property {Task | undefined} [back]
 * @property {(() => void) | undefined} [saved]
 * @property {(() => void) | undefined} [restore]
 */

const ACTIONS = { done, unread, read, pin, mute, remove };
const OF_PAGE = {
  context,
  copy: (/** @type {HTMLElement | undefined} */ button) => copyText(button?.dataset.copy ?? ""),
  link: () => copyText(linkOf(location.href)),
};

/** @typedef {keyof typeof ACTIONS | keyof typeof OF_PAGE} Action */

/**
 * @param {string} name
 * @returns {name is Action}
 */
export const isAction = (name) => Object.hasOwn(ACTIONS, name) || Object.hasOwn(OF_PAGE, name);

/**
 * @param {Action} name
 * @returns {name is keyof typeof OF_PAGE}
 */
const isOfPage = (name) => Object.hasOwn(OF_PAGE, name);

export function startActions() {
  document.addEventListener("click", (event) => {
    const button = around(event, "[data-action]");
    const name = button?.dataset.action;
    if (!button || !name || !isAction(name)) return;
    button.closest("details")?.removeAttribute("open");
    act(name, button, button.closest("#thread") ? [] : undefined);
  });
}

/**
 * Do it to the `given` rows, else to those that are picked, else to the open thread, else to the selected row.
 * @param {Action} name
 * @param {HTMLElement} [button]
 * @param {HTMLElement[]} [given]
 */
export function act(name, button, given = pickedIn(rows())) {
  if (isOfPage(name)) {
    OF_PAGE[name](button);
    return;
  }
  const some = given.length ? given : [thread() ?? selected()].filter((one) => one !== null);
  const mayBe = (/** @type {Facts} */ one) => one.route || (name === "read" && one.unreadIds);
  const facts = some.map((element) => element.dataset).filter((one) => mayBe(one) && one.mayWrite !== "false");
  if (!facts.length) return;
  clear(rows());
  if (name === "done" && !button && !given.length && isOpen(facts.filter(({ pending }) => pending))) goOn();
  else ACTIONS[name](facts);
}

/** @param {Facts[]} all */
const rowsOf = (all) => rows().filter((row) => all.some((facts) => facts.route === row.dataset.route));

/** @param {Facts[]} all */
const isOpen = (all) => all.some((facts) => facts.route === thread()?.dataset.route);
const leavesTab = () => (new URLSearchParams(location.search).get("tab") ?? "wait") === "wait";

/** @param {Task} task */
async function perform({ calls, count = calls.length, said, back, restore, saved }) {
  try {
    await Promise.all(calls.map((call) => write(...call)));
    saved?.();
    if (said) toast(say(said, { n: count }), back && { text: say("undo"), act: () => perform(back) });
  } catch (error) {
    restore?.();
    const retry = { text: say("try_again"), act: () => perform({ calls, count, said, back }) };
    if (isForbidden(error)) toast(say("not_allowed"));
    else toast(say("not_saved"), retry);
  }
  refresh();
}

/**
 * Make the same call for each.
 * @param {Facts[]} all
 * @param {Step} step
 * @param {Step} undo
 * @param {() => void} [restore]
 */
function performAll(all, [verb, suffix, one], undo, restore) {
  /**
   * @param {Verb} verb
   * @param {string} suffix
   * @returns {Call[]}
   */
  const calls = (verb, suffix) => all.map((facts) => [verb, `${facts.route}${suffix}`]);
  const several = all.length > 1;
  const back = { calls: calls(undo[0], undo[1]), said: several ? undefined : undo[2], saved: restore };
  perform({ calls: calls(verb, suffix), said: several ? "several" : one, restore, back });
}

/**
 * Take rows out; the next one opens if the open thread goes with them. Returns what puts them back.
 * @param {Facts[]} all
 */
function moveOn(all) {
  const gone = rowsOf(all);
  const opened = isOpen(all);
  const row = selected();
  const next = row && gone.includes(row) ? (neighbour(+1) ?? neighbour(-1)) : null;
  const restore = takeOut(...gone);
  if (next && !gone.includes(next)) open(next);
  else if (opened) go(`/${location.search}`);
  return restore;
}

/** @param {Facts[]} all */
function done(all) {
  const waiting = all.filter((facts) => facts.waits === "true");
  if (!waiting.length) return;
  const restore = leavesTab() ? moveOn(waiting) : undefined;
  performAll(waiting, ["PUT", "/done", "done"], ["DELETE", "/done", "undone"], restore);
}

/**
 * The key in a thread to which an answer is on its way: the row leaves by itself when it arrived, and stays if it does
 * not. Whoever asks for it by a button or a gesture means what it says.
 */
function goOn() {
  const next = neighbour(+1) ?? neighbour(-1);
  if (next) open(next);
  offerUndo();
}

/** @param {Facts[]} all */
function unread(all) {
  if (settings.readsByHand && all.every((facts) => facts.unread !== "0")) {
    read(all);
    return;
  }
  if (isOpen(all)) leaveUnread(thread()?.dataset.id ?? "");
  performAll(all, ["DELETE", "/read", "unread"], ["PUT", "/read"]);
}

/** @param {Facts[]} all */
function read(all) {
  const unread = all.filter((facts) => facts.unread !== "0");
  if (!unread.length) return;
  /** @type {Call[]} */
  const calls = unread.filter(({ route }) => route).map(({ route }) => ["DELETE", `${route}/read`]);
  const said = unread.length > 1 ? "several" : "read";
  perform({ calls: unread.flatMap(readsOf), count: unread.length, said, back: calls.length ? { calls } : undefined });
}

/** @param {Facts[]} all */
function pin(all) {
  switchAll(all, "pin", "pinned", ["pinned", "unpinned"]);
}

/** @param {Facts[]} all */
function mute(all) {
  switchAll(all, "mute", "muted", ["muted", "unmuted"]);
}

/**
 * Switch it on for all, unless all have it already.
 * @param {Facts[]} all
 * @param {"pin" | "mute"} path
 * @param {"pinned" | "muted"} fact
 * @param {[Word, Word]} said
 */
function switchAll(all, path, fact, [on, off]) {
  const conversations = all.filter((facts) => facts.route?.startsWith("conversations/"));
  const isOn = conversations.every((facts) => facts[fact] === "true");
  const changed = conversations.filter((facts) => (facts[fact] === "true") === isOn);
  if (!changed.length) return;
  /** @type {[Verb, Verb]} */
  const [verb, other] = isOn ? ["DELETE", "PUT"] : ["PUT", "DELETE"];
  performAll(changed, [verb, `/${path}`, isOn ? off : on], [other, `/${path}`]);
}

/** @param {Facts[]} all */
function remove(all) {
  const restore = moveOn(all);
  performAll(all, ["DELETE", "", "removed"], ["PUT", "/restore"], restore);
}

function context() {
  // A field that is hidden while somebody types in it is left without a word: its text would not be saved.
  const { activeElement } = document;
  if (activeElement instanceof HTMLElement && activeElement.closest("#context")) activeElement.blur();
  document.body.classList.toggle("show-context");
}
