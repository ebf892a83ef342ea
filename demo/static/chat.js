// @ts-check
// The page of private messages: skeleton rows, then a virtual list that keeps few rows in the DOM, and one open thread.
import { im, markRead, start } from "./im.js";
import { byTime } from "./im_objects.js";
import { $, context, el, enterMicroApp, provide, whenReleased } from "./site.js";
import { faceOf, makeRow, nameOf, userOf } from "./talk_rows.js";
import { addLive, openThread } from "./thread.js";

/** @import {Conversation, User} from "./shapes.js" */

const ROW = 67;
const OVERSCAN = 4;
const SKELETONS = 8;
/** @typedef {"main" | "strangers" | "folded"} Panel */
/** @type {Panel[]} */
const BOXES = ["strangers", "folded"];
/** @type {Record<Panel, {title: string, box: string, list: string, back: string}>} the classes of each panel */
const PANELS = {
  main: { title: "返回", box: "", list: "conversationConversationListwrapper", back: "" },
  strangers: {
    title: "陌生人消息",
    box: "conversationStrangerBoxwrapper",
    list: "conversationStrangerConversationListlistWrapper",
    back: "conversationStrangerConversationListicon",
  },
  folded: {
    title: "折叠的会话",
    box: "conversationFoldBoxwrapper",
    list: "conversationFoldConversationListlistWrapper",
    back: "conversationFoldConversationListicon",
  },
};
const state = {
  /** @type {string | null} */
  open: null,
  /** @type {Panel} */
  panel: "main",
  /** @type {Map<string, HTMLElement>} */
  rows: new Map(),
};
// What hangs above every row. Its map of people is filled as they become known.
const imStore = { userInfoFromServerMap: /** @type {Record<string, User>} */ ({}) };

/**
 * Which panel a conversation stands in.
 * @param {Conversation} talk
 * @returns {Panel}
 */
const panelOf = (talk) => (talk.isStranger ? "strangers" : talk.isFolded ? "folded" : "main");

/**
 * The rows of the panel that is open: the main list begins with the boxes of the others, these with the way back.
 * @returns {(Conversation | Panel)[]}
 */
function listed() {
  const all = ordered([...im.conversations.values()].sort(byTime));
  const talks = all.filter((one) => panelOf(one) === state.panel);
  if (state.panel !== "main") return ["main", ...talks];
  return [...BOXES.filter((box) => all.some((one) => panelOf(one) === box)), ...talks];
}

/**
 * @param {Conversation[]} talks the newest first
 * @returns the same; where a namesake comes first, those of one name stand together, the older ones before
 */
function ordered(talks) {
  if (!context.namesakeFirst) return talks;
  const groups = Map.groupBy(talks, (one) => nameOf(userOf(one)) || one.id);
  return [...groups.values()].flatMap((group) => group.reverse());
}

// Draws the rows in sight and a few around them; rows out of sight leave the DOM.
const draw = whenReleased(() => {
  const shown = listed();
  const grid = $("grid");
  $("rows").style.height = `${shown.length * ROW}px`;
  const from = Math.max(0, Math.floor(grid.scrollTop / ROW) - OVERSCAN);
  const until = Math.min(shown.length, Math.ceil((grid.scrollTop + grid.clientHeight) / ROW) + OVERSCAN);
  /** @type {Map<string, HTMLElement>} */
  const rows = new Map();
  for (let index = from; index < until; index += 1) {
    const talk = shown[index] ?? "main";
    const row = typeof talk === "string" ? boxOf(talk) : rowOf(talk);
    row.style.top = `${index * ROW}px`;
    row.dataset.index = String(index);
    rows.set(typeof talk === "string" ? talk : talk.id, row);
  }
  state.rows = rows;
  $("rows").replaceChildren(...rows.values());
});

/**
 * What leads to a panel: a box in the main list, or the way back in the others.
 * @param {Panel} panel
 */
function boxOf(panel) {
  const name = panel === "main" ? PANELS[state.panel].back : PANELS[panel].box;
  const box = el("div", { class: "chat-row" }, el("div", { class: name }, PANELS[panel].title));
  box.addEventListener("click", () => {
    const grid = $("grid");
    grid.classList.remove(PANELS[state.panel].list);
    grid.classList.add(PANELS[panel].list);
    grid.scrollTop = 0;
    state.panel = panel;
    draw();
  });
  return box;
}

/**
 * Return a conversation's row: drawn anew only when something on it changed, so that it can be clicked meanwhile.
 * @param {Conversation} talk
 */
function rowOf(talk) {
  const isOpen = talk.id === state.open;
  const face = faceOf(talk, isOpen);
  const known = state.rows.get(talk.id);
  if (known?.dataset.face === face) return known;
  return el(
    "div",
    { class: "chat-row", "data-face": face },
    makeRow(talk, isOpen, () => show(talk)),
  );
}

// Whoever opens a conversation has read it.
/** @param {Conversation} talk */
async function show(talk) {
  state.open = talk.id;
  draw();
  const title = el("div", { class: "RightPanelHeadertitle" }, nameOf(userOf(talk)));
  const header = el("div", { class: "RightPanelHeaderwrapper" }, title);
  await Promise.all([openThread($("pane"), talk, header, draw), markRead(talk)]);
  draw();
}

function changed() {
  for (const user of im.users.values()) imStore.userInfoFromServerMap[user.uid ?? user.sec_uid ?? ""] = user;
  draw();
}

provide({ imStore });
const conversationStore = {
  conversationMap: im.conversations,
  get curConversationId() {
    return state.open ?? "";
  },
  /** @param {string} id */
  setCurConversation(id) {
    const talk = im.conversations.get(id);
    if (talk) show(talk);
  },
};
const userInfoStore = { curLoginUserInfo: { uid: context.owner }, usersInfoMap: im.users };
const owner = context.microApp ? await enterMicroApp() : window;
Object.assign(owner, context.renamed ? { talkStore: conversationStore } : { conversationStore, userInfoStore });
$("rows").append(...Array.from({ length: SKELETONS }, () => el("div", { class: "chat-skeleton" })));
$("grid").addEventListener("scroll", () => requestAnimationFrame(draw));
addEventListener("resize", draw);
start({ changed, arrived: addLive });
