import { $, context, el, endless, getJson } from "./site.js";
import { commentRow } from "./comment_rows.js";

const aweme = document.querySelector("[data-aweme]").dataset.aweme;
const loadReplies = (comment, cursor) =>
  getJson(`${context.www}/aweme/v1/web/comment/list/reply/?item_id=${aweme}&comment_id=${comment.cid}&cursor=${cursor}&count=20&item_type=0`);
let cursor = 0;

endless($("end"), async () => {
  const body = await getJson(`${context.www}/aweme/v1/web/comment/list/?aweme_id=${aweme}&cursor=${cursor}&count=20`);
  const comments = body.comments ?? [];
  cursor = body.cursor;
  $("total").textContent = body.total;
  // Only members may open replies here.
  comments.forEach((comment) => $("comments").append(commentRow(comment, context.owner ? loadReplies : null)));
  return { more: body.has_more === 1, count: comments.length };
}, "没有更多评论");
