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
  answers: "JSON 接口",
  im_answers: "私信接口",
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
  check: "安全验证",
  comment_page: "评论管理页",
  new_comments: "新版评论管理页",
  unanswered: "新版评论页停在未回复",
  message_outcome: "发出的私信",
  comment_outcome: "发出的评论",
  outcome_times: "只影响接下来几次（0：一直）",
  send_delay_s: "发送要等几秒",
  editor: "私信输入框",
  draft: "每个会话里的草稿",
  namesake_first: "同名的排在前面",
  micro_app: "私信在微应用（shadow root）里",
};
/** @type {Record<string, string>} */
const OUTCOMES = {
  ok: "正常送达",
  retry_mark: "红色感叹号",
  check_failed: "检查未通过 8610",
  blocked: "被对方拉黑",
  stranger_limit: "只能发一条",
  too_fast: "操作太频繁",
  private_work: "私密作品",
  comment_deleted: "评论已被删除",
  self_visible: "仅自己可见 8101",
  in_review: "审核中 10502",
  never: "一直转圈",
  answer_lost: "送达了，没有回应",
  reload_after: "送达了，页面刷新",
  reload_before: "没送达，页面刷新",
  check: "弹出安全验证",
  kick: "被顶下线",
};
const PAGES = { ok: "正常", gone: "404", home: "跳回首页", moving: "四秒后离开" };
const ANSWERS = { ok: "正常", too_fast: "操作太频繁", fault: "500", empty: "空的" };
/** @type {Record<string, Record<string, string>>} */
const CHOICES = {
  answers: ANSWERS,
  im_answers: ANSWERS,
  www_chat: PAGES,
  comment_page: PAGES,
  message_outcome: OUTCOMES,
  comment_outcome: OUTCOMES,
  editor: { "editor-kit": "editor-kit", slate: "Slate", draft: "Draft.js", unknown: "没见过的" },
};

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
    const field = el("input", { type: "number", min: 0, step: "any", value });
    field.addEventListener("change", () => set(account, { [name]: Number(field.value) }));
    return field;
  }
  const choices = CHOICES[name];
  if (!choices) {
    const field = el("input", { value });
    field.addEventListener("change", () => set(account, { [name]: field.value }));
    return field;
  }
  const choose = el("select", {}, ...Object.entries(choices).map(([key, text]) => el("option", { value: key }, text)));
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
    " · ",
    el("a", { href: `/control/ledger?account=${key}` }, "发出的"),
  );
}

async function draw() {
  /** @type {{accounts: Record<string, Account>}} */
  const state = await (await fetch("/control/state")).json();
  $("accounts").replaceChildren(...Object.entries(state.accounts).map(([key, account]) => card(key, account)));
}

draw();
setInterval(() => document.activeElement?.matches("input, select") || draw(), 5000);
