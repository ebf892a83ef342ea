// @ts-check
// The drawer of private messages that every www page has: the list, and over it the conversation that is open.
import { im, markRead } from "./im.js";
import { byTime } from "./im_objects.js";
import { $, el, whenReleased } from "./site.js";
import { faceOf, makeRow, nameOf, userOf } from "./talk_rows.js";
import { openThread } from "./thread.js";

/** @import {Conversation} from "./shapes.js" */

const BACK = "StackLayoutStackTitleBarbackBtn";
const list = el("div", { class: "conversationConversationListwrapper" });
const pane = el("div", { class: "im-pane", hidden: "" });
const drawer = el(
  "aside",
  { class: "im-dialog", "data-e2e": "im-dialog", hidden: "" },
  el(
    "header",
    { class: "StackLayoutStackTitleBar" },
    el("span", { class: "StackLayoutStackTitleBarleftTitle" }, "消息"),
  ),
  list,
  pane,
);
const state = {
  /** @type {string | null} */
  open: null,
  /** @type {Map<string, HTMLElement>} */
  rows: new Map(),
};

/** @param {HTMLElement} entry opens the drawer, and closes it */
export function makeDrawer(entry) {
  $("root").append(drawer);
  entry.addEventListener("click", () => {
    drawer.hidden = !drawer.hidden;
    drawDrawer();
  });
}

/** Draw the list anew, if somebody sees it. A row on which nothing changed stays as it is. */
export const drawDrawer = whenReleased(() => {
  if (drawer.hidden) return;
  const talks = [...im.conversations.values()].sort(byTime);
  const rows = new Map(talks.map((talk) => [talk.id, rowOf(talk)]));
  const isSame = [...rows.values()].every((row, index) => list.children[index] === row);
  if (!isSame || list.children.length !== rows.size) list.replaceChildren(...rows.values());
  state.rows = rows;
});

/** @param {Conversation} talk */
function rowOf(talk) {
  const isOpen = talk.id === state.open;
  const face = faceOf(talk, isOpen);
  const known = state.rows.get(talk.id);
  if (known?.dataset.face === face) return known;
  const row = makeRow(talk, isOpen, () => openTalk(talk));
  row.dataset.face = face;
  return row;
}

/**
 * Open a conversation over the list, and with it some words of the platform at its end.
 * @param {Conversation} talk
 * @param {string} [notice]
 */
export async function openTalk(talk, notice = "") {
  drawer.hidden = false;
  pane.hidden = false;
  state.open = talk.id;
  const back = el("button", { class: `link ${BACK}`, "aria-label": "返回", onclick: close }, "‹");
  const title = el("div", { class: "StackLayoutStackChatHeadertitle" }, nameOf(userOf(talk)));
  const header = el("div", { class: "StackLayoutStackChatHeader" }, back, title);
  drawDrawer();
  await Promise.all([openThread(pane, talk, header, drawDrawer, notice), markRead(talk)]);
  drawDrawer();
}

function close() {
  pane.hidden = true;
  pane.replaceChildren();
  state.open = null;
  drawDrawer();
}
