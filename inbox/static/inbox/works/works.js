// @ts-check
// The open work: walking through its comments, what is done to one, more of them.
import { openAt } from "../answering/in_works.js";
import { offerUndo } from "../answering/sending.js";
import { write } from "../api/api.js";
import { settings } from "../device/settings.js";
import { act } from "../list/actions.js";
import { keptBelow } from "../list/placement.js";
import { neighbour, open } from "../list/selection.js";
import { all, around, find, need } from "../page/dom.js";
import { morphById } from "../page/morph.js";
import { addPart, load, refresh } from "../page/page.js";
import { toast } from "../page/toast.js";
import { say } from "../words/words.js";
import { findAnchor, holdTo, toTop } from "./anchor.js";
import { startReading } from "./reading.js";
import { box, choose, current, openWork, talks, walk, work } from "./talks.js";

/** @typedef {"done" | "unread" | "remove"} Deed */

const SHOWN = 50;
const AGAIN_MS = 5_000; // until a page that could not be read is asked for again
const MOST = 200; // as many as the server answers at most
/** @type {Set<string>} comments all of whose replies are shown */
const unfolded = new Set();
/** @type {IntersectionObserver} */
let observer;
let loading = false;

export function startWorks() {
  addPart({ update, extra });
  observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && loadMore(), { rootMargin: "600px" });
  document.addEventListener("click", clicked);
  startReading();
  if (work()) opened();
}

/** @returns {Record<string, string | string[]>} */
function extra() {
  if (!work()) return {};
  const shown = Math.min(MOST, Math.max(1, Math.ceil(talks().length / SHOWN)) * SHOWN);
  return { shown: String(shown), unfolded: [...unfolded] };
}

/**
 * Return what a key does while comments by work are shown; undefined: what it does anywhere.
 * @param {string} key
 * @returns {(() => void) | undefined}
 */
export function workKey(key) {
  if (!document.body.classList.contains("works")) return undefined;
  return { ...ANYWHERE, ...(work() ? WALKING : {}) }[key];
}

const nothing = () => {};
/** @type {Record<string, () => void>} */
const ANYWHERE = {
  "[": () => open(neighbour(-1)),
  "]": () => open(neighbour(+1)),
  i: nothing,
  p: nothing,
  m: nothing,
  d: nothing,
  x: nothing,
  "Shift a": () => work() && readAll(),
};
/** @type {Record<string, () => void>} */
const WALKING = {
  j: () => walk(+1),
  ArrowDown: () => walk(+1),
  k: () => walk(-1),
  ArrowUp: () => walk(-1),
  e: () => does("done", current(), true),
  u: () => does("unread", current()),
  Backspace: () => does("remove", current()),
  r: () => openAt(current() ?? find("on-work")) || all(openWork(), ".open-there")[0]?.focus(),
  Enter: () => (current() ?? box()).focus(),
};

/** @param {MouseEvent} event */
function clicked(event) {
  const talk = around(event, "#talks > .talk");
  const button = around(event, "button", HTMLButtonElement);
  if (button?.id === "read-work") readAll();
  else if (button?.id === "above") toTop();
  if (!talk) return;
  choose(talk);
  const { does: deed, unfold } = button?.dataset ?? {};
  if (isDeed(deed)) does(deed, talk);
  else if (unfold) showReplies(unfold);
  else if (button?.classList.contains("unfold-text")) showText(button);
}

/**
 * @param {string | undefined} name
 * @returns {name is Deed}
 */
const isDeed = (name) => name === "done" || name === "unread" || name === "remove";

/**
 * Show at once that it is done; list/actions.js saves it, says so, and offers to undo it.
 * @param {Deed} name
 * @param {HTMLElement | null} talk
 * @param {boolean} [isKey] by the key that goes on where an answer is on its way
 */
function does(name, talk, isKey = false) {
  if (!talk?.dataset.route || talk.dataset.mayWrite !== "true") return;
  if (name === "done" && talk.dataset.waits !== "true") return;
  if (name === "done" && isKey && talk.dataset.pending) {
    walkOn(talk);
    offerUndo();
    return;
  }
  if (name === "unread") document.dispatchEvent(new CustomEvent("left-unread", { detail: idsIn(talk) }));
  else if (talk === current()) walkOn(talk);
  if (name === "remove" || (name === "done" && openWork().dataset.show === "wait")) talk.classList.add("leaving");
  act(name, undefined, [talk]);
}

/** @param {HTMLElement} talk */
const idsIn = (talk) => all(talk, "[data-comment]").map((one) => one.dataset.comment);

/** @param {HTMLElement} talk */
function walkOn(talk) {
  const all = talks();
  if (all.indexOf(talk) + 1 < all.length) walk(+1);
  else walk(-1);
}

async function readAll() {
  const { works = "[]", unread = "0", mayWrite, account = "" } = openWork().dataset;
  if (unread === "0" || mayWrite !== "true") {
    toast(say("nothing_unread"));
    return;
  }
  /** @type {string[]} */
  const ids = JSON.parse(works);
  try {
    await Promise.all(
      ids.map((id) =>
        write("PUT", `contents/${encodeURIComponent(id)}/read?account_id=${encodeURIComponent(account)}`),
      ),
    );
    toast(say("marked", { done: unread }));
  } catch {
    toast(say("not_saved"), { text: say("try_again"), act: readAll });
  }
  refresh();
}

// -- as the server has it now

/**
 * @param {Document} source
 * @param {boolean} isNewAddress
 */
function update(source, isNewAddress) {
  if (!document.body.classList.contains("works")) return;
  const next = find("comments", HTMLElement, source);
  const isSame = Boolean(next && find("comments")?.dataset.list === next.dataset.list);
  if (!isSame) {
    need("main").replaceWith(document.adoptNode(need("main", HTMLElement, source)));
    if (work()) opened();
    return;
  }
  if (!isNewAddress) keepRead(source);
  keepFurther(source);
  const known = new Set(talks().map((talk) => talk.dataset.id));
  const anchor = findAnchor();
  morphById(source, "main");
  settle();
  holdTo(anchor, known);
}

function opened() {
  choose(null);
  unfolded.clear();
  settle();
}

function settle() {
  choose(current());
  for (const button of all(openWork(), ".unfold-text")) {
    const text = button.previousElementSibling;
    if (text) button.hidden = text.scrollHeight <= text.clientHeight + 1;
  }
  offerReading();
  observeMore();
}

/** Ask for more when the end is near, also if it was near before: an observer tells of changes only. */
function observeMore() {
  observer.disconnect();
  const more = find("more-comments");
  if (more) observer.observe(more);
}

/** Whoever reads by hand finds there what marks as read. */
function offerReading() {
  if (!settings.readsByHand) return;
  for (const talk of talks()) {
    const button = talk.querySelector('[data-does="unread"]');
    if (button && talk.dataset.unread !== "0") button.textContent = say("mark_read");
  }
}

/**
 * Keep who was read under "unread" until the tab is opened anew.
 * @param {Document} source
 */
function keepRead(source) {
  if (openWork().dataset.show !== "unread") return;
  const ids = new Set(talks(source).map((talk) => talk.dataset.id));
  for (const talk of talks()) {
    if (ids.has(talk.dataset.id) || talk.classList.contains("leaving")) continue;
    const copy = asRead(talk);
    const above = talk.previousElementSibling?.id;
    const before = above && source.getElementById(above);
    source.getElementById("no-comments")?.remove();
    if (before) before.after(copy);
    else need("talks", HTMLElement, source).prepend(copy);
  }
}

/** @param {HTMLElement} talk */
function asRead(talk) {
  const copy = /** @type {HTMLElement} */ (talk.cloneNode(true));
  for (const dot of all(copy, ".new-dot")) dot.remove();
  for (const one of all(copy, "[data-unread]")) delete one.dataset.unread;
  return copy;
}

/**
 * The server answers the first ones, at most MOST, or fewer than are here by now if more came meanwhile: keep what was
 * loaded below them as it is.
 * @param {Document} source
 */
function keepFurther(source) {
  const more = source.getElementById("more-comments");
  if (!more) return;
  const below = keptBelow(talks(), talks(source), true);
  if (!below.length) return;
  const end = [find("more-comments")].filter((one) => one !== null);
  more.replaceWith(...[...below, ...end].map((one) => one.cloneNode(true)));
}

// -- more of it

async function loadMore() {
  const more = find("more-comments");
  if (!more || loading) return;
  loading = true;
  let wait = 0;
  try {
    await loadAfter(more);
  } catch {
    wait = AGAIN_MS;
  } finally {
    loading = false;
  }
  // The end may have come near meanwhile, or still be near.
  setTimeout(observeMore, wait);
}

/** @param {HTMLElement} more */
async function loadAfter(more) {
  const { cursor = "" } = more.dataset;
  const source = await load(location.href, { part: "comments", extra: { older: cursor } });
  if (!more.isConnected || more.dataset.cursor !== cursor) return; // made new meanwhile: it is asked for again
  const known = new Set(talks().map((talk) => talk.dataset.id));
  const fresh = talks(source).filter((talk) => !known.has(talk.dataset.id));
  const end = [find("more-comments", HTMLElement, source)].filter((one) => one !== null);
  more.replaceWith(...fresh, ...end);
  settle();
}

/** @param {string} id of a comment */
function showReplies(id) {
  unfolded.add(id);
  refresh();
}

/** @param {HTMLButtonElement} button */
function showText(button) {
  button.previousElementSibling?.classList.add("whole");
  button.hidden = true;
}
