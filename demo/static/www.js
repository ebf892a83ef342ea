// @ts-check
// www: message entry, bell, toasts, and the store that holds what was pushed for a moment.
import { drawDrawer, makeDrawer } from "./drawer.js";
import { im, start } from "./im.js";
import { textOf } from "./im_objects.js";
import { $, attach, context, dateText, el, endless, getJson, picture, provide } from "./site.js";
import { addLive } from "./thread.js";

/** @import {ImMessage, Notice, Notices, User} from "./shapes.js" */

const NOTICE_STAYS_MS = 80;
const TOAST_STAYS_MS = 5000;
const BATCH = 10;
const ALL_GROUPS = 700;
const COMMON = "device_platform=webapp&aid=6383&channel=channel_pc_web";
const GROUP_TEXT = { 31: "评论了你的作品", 33: "关注了你", 41: "赞了你的作品", 45: "提到了你" };

// What the page keeps of messages, as the search of its memory finds it.
const imStore = { conversationMap: im.conversations, userInfoFromServerMap: im.users };
const noticeStore = {
  /** @type {Notice[]} */
  noticePushList: [],
  /** @type {Record<string, number>} */
  noticeUnreadCountMap: {},
  noticeLatestTime: 0,
  noticeListObj: {
    /** @type {Notice[]} */
    noticeList: [],
    hasMore: 1,
    minTime: 0,
    maxTime: 0,
    loading: false,
  },
};

/** @param {ImMessage} message */
function takeMessage(message) {
  addLive(message);
  if (message.isFromMe) return;
  toast($("IMpushListBoxId"), `${im.users.get(message.sender)?.nickname ?? ""}：${textOf(message)}`);
}

/**
 * @param {Notice} notice
 * @param {string} group
 */
function takeNotice(notice, group) {
  const { noticePushList, noticeUnreadCountMap } = noticeStore;
  noticePushList.push(notice);
  setTimeout(() => noticePushList.splice(noticePushList.indexOf(notice), 1), NOTICE_STAYS_MS);
  noticeUnreadCountMap[group] = (noticeUnreadCountMap[group] ?? 0) + 1;
  noticeStore.noticeLatestTime = Date.now();
  toast($("pushListBoxId"), `${nameOf(notice)}${GROUP_TEXT[notice.type]} 刚刚 查看`);
  askNotices([notice.nid_str]).then((notices) => {
    if (!$("notice-panel").hidden) for (const one of notices) $("notices").prepend(noticeRow(one));
  });
  drawCounts();
}

/**
 * @param {Notice} n
 * @returns {User}
 */
const personOf = (n) => n.comment?.comment?.user ?? n.follow?.user ?? n.digg?.user ?? n.at?.user ?? {};
/** @param {Notice} notice */
const nameOf = (notice) => personOf(notice).nickname || "用户";

/**
 * @param {HTMLElement} box
 * @param {string} text
 */
function toast(box, text) {
  const node = el("div", { class: "push-item" }, text);
  box.append(node);
  setTimeout(() => node.remove(), TOAST_STAYS_MS);
}

/**
 * A page of the bell's list: what is older than a second since 1970, 0 for the newest. It marks them read.
 * @param {number} before
 * @returns {Promise<Notices>}
 */
function askPage(before) {
  const query = `is_new_notice=1&is_mark_read=1&notice_group=${ALL_GROUPS}&count=${BATCH}&min_time=0&max_time=${before}`;
  return getJson(`${context.www}/aweme/v1/web/notice/?${query}&${COMMON}`);
}

/**
 * @param {string[]} ids
 * @returns {Promise<Notice[]>}
 */
async function askNotices(ids) {
  const list = encodeURIComponent(JSON.stringify(ids.map((id) => ({ notice_id_str: id, type: 0 }))));
  const query = `${COMMON}&id_list=${list}`;
  const body = await getJson(`${context.www}/aweme/v1/web/notice/detail/?${query}`);
  return body.notice_list_v2 ?? [];
}

/** @param {Notice} notice */
function noticeRow(notice) {
  const text = notice.comment?.comment?.text ?? "";
  const row = el(
    "div",
    { class: "notice-row" },
    el("img", { src: picture(personOf(notice)), alt: "", class: "small-avatar" }),
    el(
      "div",
      {},
      el("b", {}, nameOf(notice)),
      ` ${GROUP_TEXT[notice.type]}`,
      el("div", {}, text),
      el("div", { class: "muted" }, dateText(notice.create_time)),
    ),
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
  const { noticeListObj } = noticeStore;
  noticeListObj.noticeList = [];
  let before = 0;
  $("notice-end").replaceWith(el("div", { class: "list-end", id: "notice-end" }));
  stopNotices = endless(
    $("notice-end"),
    async () => {
      const { notice_list_v2: notices = [], has_more: more, min_time: first } = await askPage(before);
      before = first;
      $("notices").append(...notices.map(noticeRow));
      noticeListObj.noticeList.push(...notices);
      noticeListObj.hasMore = more;
      return { more: more === 1, count: notices.length };
    },
    "暂时没有更多了",
  );
}

function drawCounts() {
  const unread = [...im.conversations.values()].reduce((sum, one) => sum + one._badgeCount, 0);
  const notices = Object.values(noticeStore.noticeUnreadCountMap).reduce((sum, count) => sum + count, 0);
  drawCount("im-count", unread);
  drawCount("notice-count", notices);
}

/**
 * @param {string} id
 * @param {number} count
 */
function drawCount(id, count) {
  $(id).textContent = count > 99 ? "99+" : String(count);
  $(id).hidden = !count;
}

/**
 * @param {string} name
 * @returns {HTMLElement}
 */
function entryOf(name) {
  const found = document.querySelector(`[data-e2e="${name}"]`);
  if (found instanceof HTMLElement) return found;
  throw new TypeError(`the page has no ${name}`);
}

provide({ imStore, noticeStore });
const entry = entryOf("im-entry");
const bell = entryOf("notice-entry");
for (const node of [entry, bell, $("pushListBoxId"), $("IMpushListBoxId"), $("root")]) attach(node, {}, { up: 4 });
makeDrawer(entry);
bell.addEventListener("click", openNotices);
getJson(`${context.www}/page/notice-ids`).then(({ unread }) => {
  Object.assign(noticeStore.noticeUnreadCountMap, unread);
  drawCounts();
});
const changed = () => {
  drawCounts();
  drawDrawer();
};
start({ changed, arrived: takeMessage, noticed: takeNotice });
