// The open work: walking through its comments, what is done to one, more of them. Nothing moves under the eyes.
import { act } from "../list/actions.js";
import { write } from "../api/api.js";
import { morphById } from "../page/morph.js";
import { neighbour, open } from "../list/list.js";
import { addPart, load, refresh } from "../page/page.js";
import { startReading } from "./reading.js";
import { settings } from "../device/settings.js";
import { toast } from "../page/toast.js";
import { say } from "../words/words.js";

const SHOWN = 50;
const MOST = 200; // as many as the server answers at most
const unfolded = new Set(); // comments all of whose replies are shown
let chosen = ""; // id of the comment that is meant
let observer;
let loading = false;

const work = () => document.getElementById("work");
const box = () => document.getElementById("comments");
const talks = (place = document) => [...place.querySelectorAll("#talks > .talk")];
const current = () => talks().find((talk) => talk.dataset.id === chosen) ?? null;

export function startWorks() {
  addPart({ update, extra });
  observer = new IntersectionObserver(([entry]) => entry.isIntersecting && loadMore(), { rootMargin: "600px" });
  document.addEventListener("click", clicked);
  startReading();
  if (work()) opened();
}

function extra() {
  if (!work()) return {};
  const shown = Math.min(MOST, Math.max(1, Math.ceil(talks().length / SHOWN)) * SHOWN);
  return { shown: String(shown), unfolded: [...unfolded] };
}

/** What a key does while comments by work are shown; undefined: what it does anywhere. */
export function workKey(key) {
  if (!document.body.classList.contains("works")) return undefined;
  const keys = { "[": () => open(neighbour(-1)), "]": () => open(neighbour(+1)), i: () => {}, p: () => {}, m: () => {}, d: () => {}, x: () => {}, "Shift a": () => work() && readAll() };
  if (work()) Object.assign(keys, walking());
  return keys[key];
}

function walking() {
  const [next, before] = [() => walk(+1), () => walk(-1)];
  return {
    j: next, ArrowDown: next, k: before, ArrowUp: before,
    e: () => does("done", current()), u: () => does("unread", current()), Backspace: () => does("remove", current()),
    r: () => work().querySelector(".open-there")?.focus(),
    Enter: () => (current() ?? box()).focus(),
  };
}

function clicked(event) {
  const talk = event.target.closest("#talks > .talk");
  const button = event.target.closest("button");
  if (button?.id === "read-work") readAll();
  else if (button?.id === "above") toTop();
  if (!talk) return;
  choose(talk);
  if (button?.dataset.does) does(button.dataset.does, talk);
  else if (button?.dataset.unfold) unfold(button.dataset.unfold);
  else if (button?.classList.contains("unfold-text")) showText(button);
}

// -- which one is meant

function choose(talk) {
  chosen = talk?.dataset.id ?? "";
  for (const one of talks()) {
    if (one === talk) one.setAttribute("aria-current", "true");
    else one.removeAttribute("aria-current");
  }
}

function walk(step) {
  const all = talks().filter((talk) => !talk.classList.contains("leaving"));
  const next = all[current() ? all.indexOf(current()) + step : 0];
  if (!next) return;
  choose(next);
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

/** Shows at once; actions.js saves it, says so, and offers to undo it. */
function does(name, talk) {
  if (!talk?.dataset.route || talk.dataset.mayWrite !== "true") return;
  if (name === "done" && talk.dataset.waits !== "true") return;
  if (name === "unread") document.dispatchEvent(new CustomEvent("left-unread", { detail: idsIn(talk) }));
  else if (talk === current()) walkOn(talk);
  if (name === "remove" || (name === "done" && work().dataset.show === "wait")) talk.classList.add("leaving");
  act(name, undefined, [talk]);
}

const idsIn = (talk) => [...talk.querySelectorAll("[data-comment]")].map((one) => one.dataset.comment);

function walkOn(talk) {
  const all = talks();
  if (all.indexOf(talk) + 1 < all.length) walk(+1);
  else walk(-1);
}

async function readAll() {
  const { works, unread, mayWrite } = work().dataset;
  if (unread === "0" || mayWrite !== "true") return toast(say("nothing_unread"));
  try {
    await Promise.all(JSON.parse(works).map((id) => write("PUT", `contents/${encodeURIComponent(id)}/read`)));
    toast(say("marked", { done: unread }));
  } catch {
    toast(say("not_saved"), { text: say("try_again"), act: readAll });
  }
  return refresh();
}

// -- as the server has it now

function update(source, isNewAddress) {
  if (!document.body.classList.contains("works")) return;
  const next = source.getElementById("comments");
  const same = Boolean(box() && next && box().dataset.list === next.dataset.list);
  if (!same) {
    document.getElementById("main").replaceWith(document.adoptNode(source.getElementById("main")));
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
  chosen = "";
  unfolded.clear();
  settle();
}

function settle() {
  choose(current());
  for (const button of work().querySelectorAll(".unfold-text")) {
    const text = button.previousElementSibling;
    button.hidden = text.scrollHeight <= text.clientHeight + 1;
  }
  offerReading();
  observer.disconnect();
  const more = document.getElementById("more-comments");
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

/** Who was read under "unread" stays until the tab is opened anew. */
function keepRead(source) {
  if (work().dataset.show !== "unread") return;
  const ids = new Set(talks(source).map((talk) => talk.dataset.id));
  for (const talk of talks()) {
    if (ids.has(talk.dataset.id) || talk.classList.contains("leaving")) continue;
    const copy = talk.cloneNode(true);
    copy.querySelectorAll(".new-dot").forEach((dot) => dot.remove());
    copy.querySelectorAll("[data-unread]").forEach((one) => delete one.dataset.unread);
    const before = talk.previousElementSibling?.id && source.getElementById(talk.previousElementSibling.id);
    source.getElementById("no-comments")?.remove();
    if (before) before.after(copy);
    else source.getElementById("talks").prepend(copy);
  }
}

/** The server answers the first ones: what was loaded below them stays as it is. */
function keepFurther(source) {
  const more = source.getElementById("more-comments");
  const fresh = talks(source);
  if (!more || fresh.length < MOST) return;
  const ids = new Set(fresh.map((talk) => talk.dataset.id));
  const below = talks().slice(fresh.length).filter((talk) => !ids.has(talk.dataset.id));
  if (!below.length) return;
  more.replaceWith(...below.map((talk) => talk.cloneNode(true)), ...[document.getElementById("more-comments")?.cloneNode(true)].filter(Boolean));
}

/** The comment under the hand, else the one that is meant, else the first in sight; none while nobody reads yet. */
function findAnchor() {
  if (!box().scrollTop && !chosen && !box().matches(":hover, :focus-within")) return null;
  const top = box().getBoundingClientRect().top;
  const shown = talks().filter((one) => isInSight(one, top) && !one.classList.contains("leaving"));
  const talk = shown.find((one) => one.matches(":hover")) ?? shown.find((one) => one === current()) ?? shown[0];
  return talk ? { id: talk.id, at: talk.getBoundingClientRect().top } : null;
}

function isInSight(talk, top) {
  const place = talk.getBoundingClientRect();
  return place.bottom > top + 1 && place.top < top + box().clientHeight;
}

function holdTo(anchor, known) {
  const talk = anchor && document.getElementById(anchor.id);
  if (!talk) return;
  box().scrollTop += talk.getBoundingClientRect().top - anchor.at;
  const all = talks();
  const above = all.slice(0, all.indexOf(talk)).filter((one) => !known.has(one.dataset.id)).length;
  if (above) offerTop(above);
}

function offerTop(count) {
  let button = document.getElementById("above");
  if (!button) {
    button = Object.assign(document.createElement("button"), { id: "above", type: "button", className: "above" });
    document.getElementById("talks").prepend(button);
    box().scrollTop += button.offsetHeight;
  }
  button.textContent = say("comments_above", { n: count });
}

function toTop() {
  document.getElementById("above")?.remove();
  box().scrollTop = 0;
}

// -- more of it

async function loadMore() {
  const more = document.getElementById("more-comments");
  if (!more || loading) return;
  loading = true;
  try {
    const source = await load(location.href, { part: "comments", extra: { older: more.dataset.cursor } });
    if (!more.isConnected) return;
    const known = new Set(talks().map((talk) => talk.dataset.id));
    const fresh = talks(source).filter((talk) => !known.has(talk.dataset.id));
    more.replaceWith(...fresh, ...[source.getElementById("more-comments")].filter(Boolean));
    settle();
  } catch {
    // The next scroll tries again.
  } finally {
    loading = false;
  }
}

function unfold(id) {
  unfolded.add(id);
  refresh();
}

function showText(button) {
  button.previousElementSibling.classList.add("whole");
  button.hidden = true;
}
