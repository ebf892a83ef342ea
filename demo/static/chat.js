// @ts-check
// The page of private messages: skeleton rows, then a virtual list that keeps few rows in the DOM, and one open thread.
import { im, markRead, start } from "./im.js";
import { byTime, textOf } from "./im_objects.js";
import { $, attach, context, el, picture, provide, two } from "./site.js";
import { addLive, openThread } from "./thread.js";

/** @import {Conversation, User} from "./shapes.js" */

const ROW = 67;
const OVERSCAN = 4;
const SKELETONS = 8;
const state = {
  /** @type {string | null} */
  open: null,
  strangers: false,
  /** @type {Map<string, HTMLElement>} */
  rows: new Map(),
};
// What hangs above every row. Its map of people is filled as they become known.
const imStore = { userInfoFromServerMap: /** @type {Record<string, User>} */ ({}) };

/**
 * @param {Conversation} talk
 * @returns {User}
 */
function userOf(talk) {
  if (talk.type === 2) return { nickname: talk.coreInfo.name };
  return im.users.get(talk.toParticipantUserId) ?? im.users.get(talk.toParticipantSecUserId) ?? {};
}

/** @param {User} user */
const nameOf = (user) => (user.remark_name || user.nickname || "").replaceAll(" ", "\u00a0");

/** The rows of the panel that is open: the main list begins with the box of strangers. */
function listed() {
  const all = [...im.conversations.values()].sort(byTime);
  const strangers = all.filter((one) => one.isStranger);
  if (state.strangers) return strangers;
  const others = all.filter((one) => !one.isStranger);
  return strangers.length ? [null, ...others] : others;
}

// Draws the rows in sight and a few around them; rows out of sight leave the DOM.
function draw() {
  const shown = listed();
  const grid = $("grid");
  $("rows").style.height = `${shown.length * ROW}px`;
  const from = Math.max(0, Math.floor(grid.scrollTop / ROW) - OVERSCAN);
  const until = Math.min(shown.length, Math.ceil((grid.scrollTop + grid.clientHeight) / ROW) + OVERSCAN);
  /** @type {Map<string, HTMLElement>} */
  const rows = new Map();
  for (let index = from; index < until; index += 1) {
    const talk = shown[index] ?? null;
    const row = talk ? rowOf(talk) : boxOfStrangers();
    row.style.top = `${index * ROW}px`;
    row.dataset.index = String(index);
    rows.set(talk?.id ?? "", row);
  }
  state.rows = rows;
  $("rows").replaceChildren(...rows.values());
}

function boxOfStrangers() {
  const box = el("div", { class: "chat-row" }, el("div", { class: "conversationStrangerBoxwrapper" }, "陌生人消息"));
  box.addEventListener("click", () => {
    state.strangers = true;
    draw();
  });
  return box;
}

/**
 * Return a conversation's row: drawn anew only when something on it changed, so that it can be clicked meanwhile.
 * @param {Conversation} talk
 */
function rowOf(talk) {
  const user = userOf(talk);
  const face = JSON.stringify([
    nameOf(user),
    talk._badgeCount,
    talk.updatedAt,
    talk.id === state.open,
    textOf(talk.lastMessage),
  ]);
  const known = state.rows.get(talk.id);
  return known?.dataset.face === face ? known : makeRow(talk, user, face);
}

/**
 * @param {Conversation} talk
 * @param {User} user
 * @param {string} face
 */
function makeRow(talk, user, face) {
  const count = talk._badgeCount > 99 ? "99+" : talk._badgeCount;
  const current = talk.id === state.open ? "conversationConversationItemcurConversation" : "";
  const item = el(
    "div",
    { "data-e2e": "conversation-item", class: `conversationConversationItemwrapper ${current}` },
    el(
      "div",
      { class: "commonIMAvataravatarContainer" },
      el("img", { src: picture(user) || null, alt: "", class: "row-avatar" }),
    ),
    el(
      "div",
      { class: "conversationConversationItemrowArea2 item-content" },
      el(
        "div",
        { class: "row-head" },
        el("div", { class: "conversationConversationItemtitle" }, nameOf(user)),
        el("span", { class: "TagNextToTitletimeStr muted" }, clockText(talk.updatedAt)),
      ),
      el("pre", { class: "ConversationItemHinttextBox muted" }, textOf(talk.lastMessage)),
    ),
    talk._badgeCount ? el("i", { class: "dot ConversationItemUnReadCountim-saas-unreadCountBadge" }, count) : null,
  );
  item.addEventListener("click", () => show(talk));
  attach(item, { conversation: talk }, { up: 3 });
  return el("div", { class: "chat-row", "data-face": face }, item);
}

/** @param {Date} date */
function clockText(date) {
  const today = new Date().toDateString() === date.toDateString();
  if (today) return `${two(date.getHours())}:${two(date.getMinutes())}`;
  return `${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

// Whoever opens a conversation has read it.
/** @param {Conversation} talk */
async function show(talk) {
  state.open = talk.id;
  draw();
  await Promise.all([openThread(talk, nameOf(userOf(talk))), markRead(talk)]);
  draw();
}

function changed() {
  for (const user of im.users.values()) imStore.userInfoFromServerMap[user.uid ?? user.sec_uid ?? ""] = user;
  draw();
}

provide({ imStore });
Object.assign(window, {
  conversationStore: { conversationMap: im.conversations },
  userInfoStore: { curLoginUserInfo: { uid: context.owner }, usersInfoMap: im.users },
});
$("rows").append(...Array.from({ length: SKELETONS }, () => el("div", { class: "chat-skeleton" })));
$("grid").addEventListener("scroll", () => requestAnimationFrame(draw));
addEventListener("resize", draw);
start({ changed, arrived: (message) => message.conversationId === state.open && addLive(message) });
