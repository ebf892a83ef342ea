// The page of private messages: four tabs, a virtual list that keeps few rows in the DOM, one open thread.
import { $, attach, context, el, picture, postJson, provide } from "./site.js";
import { askStrangers, byTime, listen, loadAll, previewOf } from "./im.js";
import { addLive, openThread } from "./thread.js";

const ROW = 105;
const OVERSCAN = 10;
const PUSH_STAYS_MS = 800;
const state = { www: false, kind: "all", open: null, conversations: new Map(), users: new Map(), rows: new Map(), asked: new Set() };

export function kindOf(conversation) {
  if (conversation.type === 2) return "group";
  return conversation.isStranger ? "stranger" : "friend";
}

const partnerOf = (c) => c.firstPageParticipant.participants.map((p) => p.sec_uid).find((sec) => state.users.has(sec) && !isOwner(sec, c));
const isOwner = (sec, c) => c.firstPageParticipant.participants.at(-1).sec_uid === sec;

function userOf(conversation) {
  if (conversation.type === 2) return { nickname: conversation.coreInfo.name };
  return state.users.get(partnerOf(conversation)) ?? {};
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
  const rows = [];
  for (let index = from; index < until; index += 1) rows.push(rowOf(shown[index], index));
  state.rows = new Map(rows);
  $("rows").replaceChildren(...state.rows.values());
  askCards(shown.slice(from, until));
}

// A row is drawn anew only when something on it changed, so that it can be clicked meanwhile.
function rowOf(conversation, index) {
  const user = userOf(conversation);
  const face = JSON.stringify([user.nickname, conversation._badgeCount, conversation.updatedAt, conversation.id === state.open, previewOf(conversation)]);
  const known = state.rows.get(conversation.id);
  const row = known?.dataset.face === face ? known : makeRow(conversation, user, face);
  row.style.top = `${index * ROW}px`;
  return [conversation.id, row];
}

function makeRow(conversation, user, face) {
  const row = el(
    "div", { role: "list-item", class: `semi-list-item ${conversation.id === state.open ? "on" : ""}`, "data-face": face },
    el("img", { src: picture(user) || null, alt: "", class: "row-avatar" }),
    el(
      "div", { class: "item-content" },
      el("div", { class: "item-header-bLqBj_" }, el("span", { class: "item-header-name-vL_79m" }, user.nickname ?? ""),
        el("span", { class: "item-header-time-DORpXQ muted" }, clockText(conversation.updatedAt))),
      el("div", { class: "text-whxV9A muted" }, previewOf(conversation)),
    ),
    conversation._badgeCount ? el("i", { class: "dot badge-XYZ9kp" }, conversation._badgeCount) : null,
  );
  row.addEventListener("click", () => show(conversation.id));
  attach(row, { item: conversation }, { up: 3 });
  return row;
}

function clockText(iso) {
  const date = new Date(iso);
  const two = (number) => String(number).padStart(2, "0");
  const today = new Date().toDateString() === date.toDateString();
  return today ? `${two(date.getHours())}:${two(date.getMinutes())}` : `${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

// The creator centre asks for the cards of the people in sight; www has them already.
async function askCards(conversations) {
  if (state.www) return;
  const wanted = conversations.filter((c) => c.type !== 2).map((c) => c.firstPageParticipant.participants[0].sec_uid);
  const unknown = wanted.filter((sec) => !state.asked.has(sec));
  if (!unknown.length) return;
  unknown.forEach((sec) => state.asked.add(sec));
  const query = `aid=2906&app_name=aweme_creator_platform&device_platform=web&referer=${encodeURIComponent(context.creator)}&timezone_name=Asia%2FShanghai`;
  const body = await postJson(`${context.creator}/aweme/v1/creator/im/user_detail/?${query}`, { user_ids: unknown });
  for (const entry of body.user_list ?? []) state.users.set(entry.user_id, entry.user);
  draw();
  const open = state.conversations.get(state.open);
  if (open && document.querySelector(".box-header-name-YOi1DN")?.textContent === "") show(open.id);
}

async function show(id) {
  const conversation = state.conversations.get(id);
  state.open = id;
  draw();
  await openThread(conversation, userOf(conversation), state.www);
}

const dated = (value) => (state.www && value ? { ...value, createdAt: new Date(value.createdAt) } : value);

function takeConversation(conversation) {
  const fresh = { ...conversation, lastMessage: dated(conversation.lastMessage) };
  const known = state.conversations.get(conversation.id);
  state.conversations.set(conversation.id, known ? Object.assign(known, fresh) : fresh);
}

const takeUsers = (users) => Object.values(users ?? {}).forEach((user) => state.users.set(user.sec_uid, user));

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
const imStore = { converSationListOrigin: [], conversationMap: {}, userInfoFromServerMap: {}, msgListToPush: [] };

function fillStore() {
  imStore.converSationListOrigin = [...state.conversations.values()].sort(byTime);
  imStore.conversationMap = Object.fromEntries(state.conversations);
  imStore.userInfoFromServerMap = Object.fromEntries([...state.users.values()].map((user) => [user.uid, user]));
}

export async function startChat({ www }) {
  state.www = www;
  if (www) provide({ imStore });
  $("grid").addEventListener("scroll", () => requestAnimationFrame(draw));
  addEventListener("resize", draw);
  $("tabs").addEventListener("click", (event) => {
    const tab = event.target.closest("[data-kind]");
    if (!tab) return;
    state.kind = tab.dataset.kind;
    document.querySelectorAll("[data-kind]").forEach((one) => one.classList.toggle("on", one === tab));
    $("grid").scrollTop = 0;
    if (state.kind === "stranger") askStrangers().then((body) => (body.conversations.forEach(takeConversation), draw()));
    draw();
  });
  await loadAll(www, (body) => (takeUsers(body.users), body.conversations.forEach(takeConversation), fillStore(), draw()));
  listen(takePush);
}
