// @ts-check
import { commentRow } from "./comment_rows.js";
import { $, context, endless, getJson } from "./site.js";

/** @import {Comment, Comments} from "./shapes.js" */

/** @type {HTMLElement | null} */
const place = document.querySelector("[data-aweme]");
const aweme = place?.dataset.aweme ?? "";
const LIST = `${context.www}/aweme/v1/web/comment/list`;
/**
 * @param {Comment} comment
 * @param {number} cursor
 */
const loadReplies = (comment, cursor) =>
  getJson(`${LIST}/reply/?item_id=${aweme}&comment_id=${comment.cid}&cursor=${cursor}&count=20&item_type=0`);
let cursor = 0;

endless(
  $("end"),
  async () => {
    /** @type {Comments} */
    const body = await getJson(`${LIST}/?aweme_id=${aweme}&cursor=${cursor}&count=20`);
    const comments = body.comments ?? [];
    cursor = body.cursor;
    $("total").textContent = String(body.total);
    // Only members may open replies here.
    $("comments").append(...comments.map((one) => commentRow(one, context.owner ? loadReplies : null)));
    return { more: body.has_more === 1, count: comments.length };
  },
  "没有更多评论",
);
