// www: message entry, bell, toasts, and the two stores that hold what was pushed for a moment.
import { $, attach, context, dateText, el, endless, getJson, picture, provide } from "./site.js";
import { byTime, listen, loadAll, previewOf } from "./im.js";

const MESSAGE_STAYS_MS = 800;
const NOTICE_STAYS_MS = 80;
const TOAST_STAYS_MS = 5000;
const BATCH = 20;
const GROUP_TEXT = { 31: "评论了你的作品", 33: "关注了你", 41: "赞了你的作品" };

const imStore = { converSationListOrigin: [], conversationMap: {}, userInfoFromServerMap: {}, msgListToPush: [] };
const noticeStore = {
  noticePushList: [], noticeUnreadCountMap: {}, noticeLatestTime: 0,
  noticeListObj: { noticeList: [], hasMore: 1, minTime: 0, maxTime: 0, loading: false },
};

const dated = (message) => message && { ...message, createdAt: new Date(message.createdAt) };

function takeConversation(fresh) {
  const conversation = { ...fresh, lastMessage: dated(fresh.lastMessage) };
  const known = imStore.conversationMap[fresh.id];
  imStore.conversationMap[fresh.id] = known ? Object.assign(known, conversation) : conversation;
  imStore.converSationListOrigin = Object.values(imStore.conversationMap).sort(byTime);
}

function takeMessage(push) {
  Object.assign(imStore.userInfoFromServerMap, push.users);
  takeConversation(push.conversation);
  const message = dated(push.push);
  imStore.msgListToPush.push(message);
  setTimeout(() => imStore.msgListToPush.splice(imStore.msgListToPush.indexOf(message), 1), MESSAGE_STAYS_MS);
  if (message.sender !== context.owner) toast($("IMpushListBoxId"), `${imStore.userInfoFromServerMap[message.sender]?.nickname ?? ""}：${previewOf(push.conversation)}`);
  drawCounts();
}

function takeNotice({ notice, group }) {
  noticeStore.noticePushList.push(notice);
  setTimeout(() => noticeStore.noticePushList.splice(noticeStore.noticePushList.indexOf(notice), 1), NOTICE_STAYS_MS);
  noticeStore.noticeUnreadCountMap[group] = (noticeStore.noticeUnreadCountMap[group] ?? 0) + 1;
  noticeStore.noticeLatestTime = Date.now();
  toast($("pushListBoxId"), `${nameOf(notice)}${GROUP_TEXT[notice.type]} 刚刚 查看`);
  askNotices([notice.nid_str]).then((notices) => {
    if (!$("notice-panel").hidden) notices.forEach((one) => $("notices").prepend(noticeRow(one)));
  });
  drawCounts();
}

const personOf = (n) => n.comment?.comment?.user ?? n.follow?.user ?? n.digg?.user ?? {};
const nameOf = (notice) => personOf(notice).nickname || "用户";

function toast(box, text) {
  const node = el("div", { class: "push-item" }, text);
  box.append(node);
  setTimeout(() => node.remove(), TOAST_STAYS_MS);
}

async function askNotices(ids) {
  const list = encodeURIComponent(JSON.stringify(ids.map((id) => ({ notice_id_str: id, type: 0 }))));
  const query = `device_platform=webapp&aid=6383&channel=channel_pc_web&id_list=${list}`;
  const body = await getJson(`${context.www}/aweme/v1/web/notice/detail/?${query}`);
  return body.notice_list_v2 ?? [];
}

function noticeRow(notice) {
  const text = notice.comment?.comment?.text ?? "";
  const row = el(
    "div", { class: "notice-row" }, el("img", { src: picture(personOf(notice)), alt: "", class: "small-avatar" }),
    el("div", {}, el("b", {}, nameOf(notice)), ` ${GROUP_TEXT[notice.type]}`, el("div", {}, text), el("div", { class: "muted" }, dateText(notice.create_time))),
  );
  attach(row, { notice }, { up: 2 });
  return row;
}

// The list is asked for when the panel opens, not before, each time anew.
let stopNotices = () => {};
async function openNotices() {
  $("notice-panel").hidden = !$("notice-panel").hidden;
  stopNotices();
  if ($("notice-panel").hidden) return;
  $("notices").replaceChildren();
  noticeStore.noticeListObj.noticeList = [];
  const { ids } = await getJson(`${context.www}/page/notice-ids`);
  $("notice-end").replaceWith(el("div", { class: "list-end", id: "notice-end" }));
  stopNotices = endless($("notice-end"), async () => {
    const batch = ids.splice(0, BATCH);
    const notices = batch.length ? await askNotices(batch) : [];
    $("notices").append(...notices.map(noticeRow));
    noticeStore.noticeListObj.noticeList.push(...notices);
    noticeStore.noticeListObj.hasMore = ids.length ? 1 : 0;
    return { more: ids.length > 0, count: notices.length };
  }, "暂时没有更多了");
}

function drawCounts() {
  const unread = imStore.converSationListOrigin.reduce((sum, c) => sum + c._badgeCount, 0);
  const notices = Object.values(noticeStore.noticeUnreadCountMap).reduce((sum, count) => sum + count, 0);
  for (const [id, count] of [["im-count", unread], ["notice-count", notices]]) {
    $(id).textContent = count > 99 ? "99+" : count;
    $(id).hidden = !count;
  }
}

// Opens when the pointer rests on the entry; a click from a script does nothing.
function drawPanel() {
  const rows = imStore.converSationListOrigin.slice(0, 6).map((conversation) => {
    const uid = conversation.toParticipantUserId;
    const name = conversation.coreInfo.name || imStore.userInfoFromServerMap[uid]?.nickname || "";
    return el("div", { class: "im-row" }, el("b", {}, name), el("span", { class: "muted" }, previewOf(conversation)));
  });
  $("im-panel").replaceChildren(...rows, el("a", { href: context.www + "/chat" }, "查看全部私信"));
  $("im-panel").hidden = false;
}

provide({ imStore, noticeStore });
const entry = document.querySelector('[data-e2e="im-entry"]');
const bell = document.querySelector('[data-e2e="notice-entry"]');
for (const node of [entry, bell, $("pushListBoxId"), $("IMpushListBoxId"), $("root")]) attach(node, {}, { up: 4 });
entry.addEventListener("mouseenter", drawPanel);
entry.addEventListener("mouseleave", () => ($("im-panel").hidden = true));
bell.addEventListener("click", openNotices);
getJson(`${context.www}/page/notice-ids`).then(({ unread }) => (Object.assign(noticeStore.noticeUnreadCountMap, unread), drawCounts()));
loadAll(true, (body) => {
  Object.assign(imStore.userInfoFromServerMap, body.users);
  body.conversations.forEach(takeConversation);
  drawCounts();
}).then(() => listen((push) => (push.kind === "message" ? takeMessage(push) : takeNotice(push))));
