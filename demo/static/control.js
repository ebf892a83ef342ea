// @ts-check
// The control room: counts, switches and buttons per account.
import { $, el } from "./site.js";

/** @import {Account} from "./shapes.js" */
/** @typedef {Account["switches"][string]} Setting */

const KINDS = {
  message: "来一条私信",
  comment: "来一条评论",
  reply: "回复一条评论",
  like: "点个赞",
  follow: "关注一下",
  own_message: "手机上回私信",
  own_reply: "手机上回评论",
};
/** @type {Record<string, string>} */
const TEXTS = {
  message: "你好，请问还有货吗？",
  comment: "太好看了吧[赞]",
  reply: "同问",
  own_message: "在的，您说～",
  own_reply: "谢谢喜欢～",
};
/** @type {Record<string, string>} */
const COUNTS = { works: "作品", comments: "评论", conversations: "会话", messages: "消息", notices: "点赞与关注" };
/** @type {Record<string, string>} */
const SWITCHES = {
  too_fast: "回复过于频繁",
  private_work: "私密作品无法评论",
  comment_deleted: "评论已被删除",
  dm_blocked: "私信被拒",
  slow_s: "每次慢几秒",
  endless_pages: "列表没有尽头",
  shifting_pages: "翻页时错位",
  empty_lists: "列表全空",
  json_renamed: "接口改名",
  objects_renamed: "页面对象改名",
  www_chat: "www 私信页",
  login_flash: "首页先闪登录页",
  phone_away: "手机不在身边",
  second_step: "登录要短信验证码",
  no_socket: "私信长连接被拒",
  lost_frames: "私信推送丢失",
  cached_names: "昵称已缓存",
  silent_im: "看不到私信请求",
  kicked: "登录被顶下线",
};
const CHOICES = [
  ["ok", "正常"],
  ["gone", "404"],
  ["home", "跳回首页"],
];

/**
 * @param {string} path
 * @param {object} body
 */
async function post(path, body) {
  const headers = { "content-type": "application/json" };
  const response = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
  const answer = await response.json();
  if (!response.ok) alert(answer.error);
  await draw();
}

/**
 * @param {string} account
 * @param {Record<string, Setting>} change
 */
const set = (account, change) => post("/control/switches", { account, ...change });

/**
 * @param {string} account
 * @param {string} name
 * @param {Setting} value
 */
function control(account, name, value) {
  if (typeof value === "boolean") {
    const box = el("input", { type: "checkbox" });
    box.checked = value;
    box.addEventListener("change", () => set(account, { [name]: box.checked }));
    return box;
  }
  if (typeof value === "number") {
    const field = el("input", { type: "number", min: 0, value });
    field.addEventListener("change", () => set(account, { [name]: Number(field.value) }));
    return field;
  }
  const choose = el("select", {}, ...CHOICES.map(([key, text]) => el("option", { value: key }, text)));
  choose.value = value;
  choose.addEventListener("change", () => set(account, { [name]: choose.value }));
  return choose;
}

/**
 * @param {string} key
 * @param {Account} account
 */
function card(key, account) {
  const { owner, sessions } = account;
  const counts = Object.entries(account.counts).map(([name, count]) =>
    el("span", {}, `${COUNTS[name]} `, el("b", {}, count)),
  );
  const events = Object.entries(KINDS).map(([kind, text]) => {
    const onclick = () => post("/control/event", { account: key, kind, text: TEXTS[kind] ?? "" });
    return el("button", { class: "semi-button", onclick }, text);
  });
  const switches = Object.entries(account.switches).map(([name, value]) =>
    el("label", { title: name }, control(key, name, value), ` ${SWITCHES[name] ?? name}`),
  );
  const about = ` ${key} · ${owner.short_id} · 登录中 ${sessions}`;
  const expire = () => set(key, { expired_session: true });
  return el(
    "section",
    { class: "card" },
    el("h2", {}, owner.nickname, el("small", { class: "muted" }, about)),
    el("div", { class: "numbers" }, ...counts),
    linksOf(key),
    el("h3", {}, "现在发生"),
    el("div", { class: "buttons" }, ...events),
    el("h3", {}, "故障开关"),
    el("div", { class: "switches" }, ...switches),
    el("button", { class: "semi-button", onclick: expire }, "让登录失效"),
  );
}

/** @param {string} key */
function linksOf(key) {
  return el(
    "p",
    {},
    el("a", { href: `/for/${key}/creator/` }, "创作者中心"),
    " · ",
    el("a", { href: `/for/${key}/www/` }, "抖音首页"),
    " · ",
    el("a", { href: `/for/${key}/www/chat` }, "私信"),
  );
}

async function draw() {
  /** @type {{accounts: Record<string, Account>}} */
  const state = await (await fetch("/control/state")).json();
  $("accounts").replaceChildren(...Object.entries(state.accounts).map(([key, account]) => card(key, account)));
}

draw();
setInterval(() => document.activeElement?.matches("input, select") || draw(), 5000);
