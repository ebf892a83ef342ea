// The control room: counts, switches and buttons per account.
import { $, el } from "./site.js";

const KINDS = {
  message: "来一条私信", comment: "来一条评论", reply: "回复一条评论", like: "点个赞", follow: "关注一下", own_message: "手机上回私信", own_reply: "手机上回评论",
};
const TEXTS = { message: "你好，请问还有货吗？", comment: "太好看了吧[赞]", reply: "同问", own_message: "在的，您说～", own_reply: "谢谢喜欢～" };
const COUNTS = { works: "作品", comments: "评论", conversations: "会话", messages: "消息", notices: "点赞与关注" };
const SWITCHES = {
  too_fast: "回复过于频繁", private_work: "私密作品无法评论", comment_deleted: "评论已被删除", dm_blocked: "私信被拒", slow_s: "每次慢几秒",
  endless_pages: "列表没有尽头", shifting_pages: "翻页时错位", empty_lists: "列表全空", json_renamed: "接口改名", objects_renamed: "页面对象改名",
  creator_chat: "创作者中心私信页", www_chat: "www 私信页", login_flash: "首页先闪登录页", phone_away: "手机不在身边", reading_clears_badge: "打开会话清未读",
};

async function post(path, body) {
  const response = await fetch(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  const answer = await response.json();
  if (!response.ok) alert(answer.error);
  await draw();
}

const set = (account, change) => post("/control/switches", { account, ...change });

function control(account, name, value) {
  if (typeof value === "boolean") {
    const box = el("input", { type: "checkbox", onchange: (event) => set(account, { [name]: event.target.checked }) });
    box.checked = value;
    return box;
  }
  if (typeof value === "number") {
    return el("input", { type: "number", min: 0, value, onchange: (event) => set(account, { [name]: Number(event.target.value) }) });
  }
  const choose = el("select", { onchange: (event) => set(account, { [name]: event.target.value }) },
    ...[["ok", "正常"], ["gone", "404"], ["home", "跳回首页"]].map(([key, text]) => el("option", { value: key }, text)));
  choose.value = value;
  return choose;
}

function card(key, account) {
  const counts = Object.entries(account.counts).map(([name, count]) => el("span", {}, `${COUNTS[name]} `, el("b", {}, count)));
  const events = Object.entries(KINDS).map(([kind, text]) =>
    el("button", { class: "semi-button", onclick: () => post("/control/event", { account: key, kind, text: TEXTS[kind] ?? "" }) }, text));
  const switches = Object.entries(account.switches).map(([name, value]) =>
    el("label", { title: name }, control(key, name, value), ` ${SWITCHES[name] ?? name}`));
  return el("section", { class: "card" },
    el("h2", {}, account.owner.nickname, el("small", { class: "muted" }, ` ${key} · ${account.owner.short_id} · 登录中 ${account.sessions}`)),
    el("div", { class: "numbers" }, ...counts),
    el("p", {}, el("a", { href: `/for/${key}/creator/` }, "创作者中心"), " · ", el("a", { href: `/for/${key}/www/` }, "抖音首页"),
      " · ", el("a", { href: `/for/${key}/www/chat` }, "私信")),
    el("h3", {}, "现在发生"), el("div", { class: "buttons" }, ...events),
    el("h3", {}, "故障开关"), el("div", { class: "switches" }, ...switches),
    el("button", { class: "semi-button", onclick: () => set(key, { expired_session: true }) }, "让登录失效"));
}

async function draw() {
  const state = await (await fetch("/control/state")).json();
  $("accounts").replaceChildren(...Object.entries(state.accounts).map(([key, account]) => card(key, account)));
}

draw();
setInterval(() => document.activeElement?.matches("input, select") || draw(), 5000);
