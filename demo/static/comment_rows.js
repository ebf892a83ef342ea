// @ts-check
// A comment, its replies and the boxes to write in.
import { isGoing, toast } from "./answers.js";
import { plain } from "./editor.js";
import { attach, context, dateText, el, picture } from "./site.js";

/** @import {Comment, Comments} from "./shapes.js" */

/**
 * Returns the next page of level 2.
 * @typedef {(comment: Comment, cursor: number) => Promise<Comments>} LoadReplies
 * @typedef {{aweme_id: string, comment_id?: string}} Target what is answered
 */

/**
 * @param {Comment} comment
 * @param {LoadReplies | null} [loadReplies] without it they cannot be opened
 */
export function commentRow(comment, loadReplies) {
  const body = el("div", { class: "comment-body" }, ...bodyOf(comment));
  const row = el(
    "div",
    { class: `container-sXKyMs ${comment.level === 2 ? "level2" : ""}` },
    el("img", { src: picture(comment.user), alt: "", class: "small-avatar" }),
    body,
  );
  const likes = el("span", {}, `赞 ${comment.digg_count}`);
  body.append(el("div", { class: "comment-tools" }, likes, answerButton(comment, body)));
  if (loadReplies && comment.reply_comment_total > 0) body.append(repliesOf(comment, loadReplies));
  attach(row, { comment }, { up: 3 });
  return row;
}

/** @param {Comment} comment */
function bodyOf(comment) {
  const isAnswer = comment.level === 2 && comment.reply_to_reply_id !== "0";
  return [
    el(
      "div",
      { class: "comment-name" },
      el("span", { class: "username-aLgaNB" }, comment.user.nickname || "用户"),
      comment.label_text ? el("i", {}, comment.label_text) : null,
      isAnswer ? ` 回复 ${comment.reply_to_username}` : "",
      el("span", { class: "muted" }, ` ${dateText(comment.create_time)} · ${comment.ip_label}`),
      comment.stick_position > 0 ? el("i", {}, "置顶") : null,
    ),
    el("div", { class: "comment-content-text-JvmAKq" }, comment.text),
    ...(comment.image_list ?? []).map((image) =>
      el("img", { src: image.url_list[0], alt: "图片", class: "comment-image" }),
    ),
  ];
}

/**
 * @param {Comment} comment
 * @param {LoadReplies} loadReplies
 */
function repliesOf(comment, loadReplies) {
  const list = el("div", { class: "replies" });
  const more = el("span", { class: "load-more-qa7bI6" }, `查看${comment.reply_comment_total}条回复`);
  let cursor = 0;
  let shown = 0;
  let busy = false;
  more.addEventListener("click", async () => {
    if (busy) return;
    busy = true;
    const body = await loadReplies(comment, cursor);
    const replies = body.comments ?? [];
    list.append(...replies.map((reply) => commentRow(reply)));
    cursor = body.cursor;
    shown += replies.length;
    busy = false;
    if (body.has_more && replies.length) {
      more.textContent = `查看${Math.max(1, comment.reply_comment_total - shown)}条回复`;
    } else more.remove();
  });
  return el("div", {}, list, more);
}

/**
 * @param {Comment} comment
 * @param {HTMLElement} body
 */
function answerButton(comment, body) {
  if (!context.owner || location.pathname.includes("/video/")) return "";
  const onclick = () => {
    body.querySelector(":scope > .editor")?.remove();
    const target = { aweme_id: comment.aweme_id, comment_id: comment.cid };
    body.append(editor(`回复 ${comment.user.nickname}：`, target, (row) => body.append(row)));
  };
  return el("span", { class: "item-M3fSkJ", role: "button", onclick }, "回复");
}

/**
 * Return a box to write in.
 * @param {string} placeholder
 * @param {Target} target
 * @param {(row: HTMLElement) => void} done gets the new comment's row
 */
export function editor(placeholder, target, done) {
  const input = el("div", { contenteditable: "true", placeholder, class: "input-d24X73" });
  const button = el("button", { class: "semi-button primary douyin-creator-interactive-button", disabled: "" }, "发送");
  const box = el("div", { class: "editor" }, input, button);
  input.addEventListener("input", (event) => {
    if (event.isTrusted) button.disabled = !plain(input).trim();
  });
  const send = async () => {
    const text = plain(input).trim();
    if (!text || button.disabled) return;
    button.disabled = true;
    const body = await postComment(target, text);
    if (body.status_code !== 0) {
      box.querySelector(".toast-error")?.remove();
      box.append(el("div", { role: "alert", class: "toast-error" }, body.status_msg));
      return;
    }
    input.replaceChildren();
    toast(target.comment_id ? "回复成功" : "发送成功");
    done(ownRow(body.comment_info.comment_id, target, text));
  };
  button.addEventListener("click", send);
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || !event.isTrusted) return;
    event.preventDefault();
    send();
  });
  return box;
}

/**
 * Does not come back where no answer comes, or where the page is about to go.
 * @param {Target} target
 * @param {string} text
 * @returns {Promise<any>} the answer; without a connection one that says so
 */
async function postComment(target, text) {
  const headers = { "content-type": "application/json" };
  const request = { method: "POST", headers, body: JSON.stringify({ ...target, text }) };
  const url = `${context.creator}/aweme/v1/creator/comment/reply/`;
  const response = await fetch(url, request).catch(() => null);
  if (response !== null && (await isGoing(response))) return new Promise(() => {});
  const body = await response?.json().catch(() => null);
  if (body?.status_code === 8) {
    location.href = `${context.creator}/`;
    return new Promise(() => {});
  }
  return body ?? { status_code: -1, status_msg: "网络异常，请稍后重试" };
}

/**
 * @param {string} cid
 * @param {Target} target
 * @param {string} text
 */
const ownRow = (cid, target, text) =>
  commentRow({
    cid,
    aweme_id: target.aweme_id,
    text,
    digg_count: 0,
    reply_comment_total: 0,
    level: target.comment_id ? 2 : 1,
    reply_to_reply_id: "0",
    user: { nickname: "我", avatar_thumb: { url_list: [context.ownerAvatar] } },
    label_text: "作者",
    create_time: Date.now() / 1000,
    ip_label: "",
    stick_position: 0,
  });
