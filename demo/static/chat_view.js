// @ts-check
// The page of private messages: four tabs, a virtual list that keeps few rows in the DOM, one open thread.
import { askStrangers, byTime, listen, loadAll, previewOf } from "./im.js";
import { $, attach, context, el, picture, postJson, provide, two } from "./site.js";
import { addLive, openThread } from "./thread.js";

/** @import {Conversation, Conversations, Dated, Push, User} from "./shapes.js" */
/** @typedef {"all" | "friend" | "stranger" | "group"} Kind */

const ROW = 105;
const OVERSCAN = 10;
const PUSH_STAYS_MS = 800;
const state = {
  www: false,
  /** @type {Kind} */
  kind: "all",
  /** @type {string | null} */
  open: null,
  /** @type {Map<string, Conversation>} */
  conversations: new Map(),
  /** @type {Map<string, User>} */
  users: new Map(),
  /** @type {Map<string, HTMLElement>} */
  rows: new Map(),
  /** @type {Set<string>} */
  asked: new Set(),
};

/**
 * @param {Conversation} conversation
 * @returns {Kind}
 */
function kindOf(conversation) {
  if (conversation.type === 2) return "group";
  return conversation.isStranger ? "stranger" : "friend";
}

/** @param {Conversation} c */
const membersOf = (c) => c.firstPageParticipant.participants.map((member) => member.sec_uid);
/** @param {Conversation} c */
const partnerOf = (c) => membersOf(c).find((sec) => state.users.has(sec) && sec !== membersOf(c).at(-1));

/**
 * @param {Conversation} conversation
 * @returns {User}
 */
function userOf(conversation) {
  if (conversation.type === 2) return { nickname: conversation.coreInfo.name };
  return state.users.get(partnerOf(conversation) ?? "") ?? {};
}

function listed() {
  const all = [...state.conversations.values()].sort(byTime);
  return state.kind === "all" ? all : all.filter((c) => kindOf(c) === state.kind);
}

// Draws the rows in sight and a few around them; rows out of sight leave the DOM.
function draw() {
  const shown = listed();
  const grid = $("grid");
  $("rows").style.height = `${shown.length * ROW}px`;
  const from = Math.max(0, Math.floor(grid.scrollTop / ROW) - OVERSCAN);
  const until = Math.min(shown.length, Math.ceil((grid.scrollTop + grid.clientHeight) / ROW) + OVERSCAN);
  const inSight = shown.slice(from, until);
  state.rows = new Map(inSight.map((conversation, index) => [conversation.id, rowOf(conversation, from + index)]));
  $("rows").replaceChildren(...state.rows.values());
  askCards(inSight);
}

/**
 * Return a conversation's row: drawn anew only when something on it changed, so that it can be clicked meanwhile.
 * @param {Conversation} conversation
 * @param {number} index
 */
function rowOf(conversation, index) {
  const user = userOf(conversation);
  const { id, _badgeCount, updatedAt } = conversation;
  const face = JSON.stringify([user.nickname, _badgeCount, updatedAt, id === state.open, previewOf(conversation)]);
  const known = state.rows.get(id);
  const row = known?.dataset.face === face ? known : makeRow(conversation, user, face);
  row.style.top = `${index * ROW}px`;
  return row;
}

/**
 * @param {Conversation} conversation
 * @param {User} user
 * @param {string} face
 */
function makeRow(conversation, user, face) {
  const row = el(
    "div",
    {
      role: "list-item",
      class: `semi-list-item ${conversation.id === state.open ? "on" : ""}`,
      "data-face": face,
    },
    el("img", { src: picture(user) || null, alt: "", class: "row-avatar" }),
    el(
      "div",
      { class: "item-content" },
      el(
        "div",
        { class: "item-header-bLqBj_" },
        el("span", { class: "item-header-name-vL_79m" }, user.nickname ?? ""),
        el("span", { class: "item-header-time-DORpXQ muted" }, clockText(conversation.updatedAt)),
      ),
      el("div", { class: "text-whxV9A muted" }, previewOf(conversation)),
    ),
    conversation._badgeCount ? el("i", { class: "dot badge-XYZ9kp" }, conversation._badgeCount) : null,
  );
  row.addEventListener("click", () => show(conversation.id));
  attach(row, { item: conversation }, { up: 3 });
  return row;
}

/** @param {string} iso */
function clockText(iso) {
  const date = new Date(iso);
  const today = new Date().toDateString() === date.toDateString();
  if (today) return `${two(date.getHours())}:${two(date.getMinutes())}`;
  return `${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/**
 * Ask for the cards of the people in sight, as the creator centre does; www has them already.
 * @param {Conversation[]} conversations
 */
async function askCards(conversations) {
  if (state.www) return;
  const wanted = conversations.filter((c) => c.type !== 2).map((c) => membersOf(c)[0] ?? "");
  const unknown = wanted.filter((sec) => !state.asked.has(sec));
  if (!unknown.length) return;
  for (const sec of unknown) state.asked.add(sec);
  const query = [
    "aid=2906&app_name=aweme_creator_platform&device_platform=web",
    `referer=${encodeURIComponent(context.creator)}`,
    "timezone_name=Asia%2FShanghai",
  ].join("&");
  /** @type {{user_list?: {user_id: string, user: User}[]}} */
  const body = await postJson(`${context.creator}/aweme/v1/creator/im/user_detail/?${query}`, { user_ids: unknown });
  for (const entry of body.user_list ?? []) state.users.set(entry.user_id, entry.user);
  draw();
  const isNameless = document.querySelector(".box-header-name-YOi1DN")?.textContent === "";
  if (state.open !== null && state.conversations.has(state.open) && isNameless) show(state.open);
}

/** @param {string} id */
async function show(id) {
  const conversation = state.conversations.get(id);
  if (!conversation) return;
  state.open = id;
  draw();
  await openThread(conversation, userOf(conversation), state.www);
}

/**
 * @template {Dated} T
 * @param {T} value
 * @returns {T}
 */
const dated = (value) => (state.www ? { ...value, createdAt: new Date(value.createdAt) } : value);

/** @param {Conversation} conversation */
function takeConversation(conversation) {
  const { lastMessage } = conversation;
  const fresh = { ...conversation, lastMessage: lastMessage && dated(lastMessage) };
  const known = state.conversations.get(conversation.id);
  state.conversations.set(conversation.id, known ? Object.assign(known, fresh) : fresh);
}

/** @param {Record<string, User> | undefined} users */
function takeUsers(users) {
  for (const user of Object.values(users ?? {})) state.users.set(user.sec_uid ?? "", user);
}

/** @param {Conversations} body */
function takeBatch(body) {
  takeUsers(body.users);
  for (const conversation of body.conversations) takeConversation(conversation);
}

/** @param {Push} push */
function takePush(push) {
  if (push.kind !== "message") return;
  if (state.www) {
    takeUsers(push.users);
    const message = dated(push.push);
    imStore.msgListToPush.push(message);
    setTimeout(() => imStore.msgListToPush.splice(imStore.msgListToPush.indexOf(message), 1), PUSH_STAYS_MS);
  }
  takeConversation(push.conversation);
  if (push.conversation.id === state.open) addLive(push.message);
  fillStore();
  draw();
}

// What www keeps in memory, and what hangs above every row there.
const imStore = {
  /** @type {Conversation[]} */
  converSationListOrigin: [],
  /** @type {Record<string, Conversation>} */
  conversationMap: {},
  /** @type {Record<string, User>} */
  userInfoFromServerMap: {},
  /** @type {Dated[]} */
  msgListToPush: [],
};

function fillStore() {
  imStore.converSationListOrigin = [...state.conversations.values()].sort(byTime);
  imStore.conversationMap = Object.fromEntries(state.conversations);
  imStore.userInfoFromServerMap = Object.fromEntries([...state.users.values()].map((user) => [user.uid, user]));
}

/** @param {HTMLElement} tab */
async function openTab(tab) {
  state.kind = /** @type {Kind} */ (tab.dataset.kind);
  for (const one of document.querySelectorAll("[data-kind]")) one.classList.toggle("on", one === tab);
  $("grid").scrollTop = 0;
  draw();
  if (state.kind !== "stranger") return;
  takeBatch({ ...(await askStrangers()), users: {} });
  draw();
}

/** @param {{www: boolean}} place */
export async function startChat({ www }) {
  state.www = www;
  if (www) provide({ imStore });
  $("grid").addEventListener("scroll", () => requestAnimationFrame(draw));
  addEventListener("resize", draw);
  $("tabs").addEventListener("click", (event) => {
    const tab = event.target instanceof Element ? event.target.closest("[data-kind]") : null;
    if (tab instanceof HTMLElement) openTab(tab);
  });
  await loadAll(www, (body) => {
    takeBatch(body);
    fillStore();
    draw();
  });
  listen(takePush);
}
