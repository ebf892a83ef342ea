// @ts-check
import { $, attach, context, dateText, el, endless, getJson } from "./site.js";

/** @import {Work, Works} from "./shapes.js" */

const COUNT = 12;
let cursor = 0;
let first = true;

async function loadWorks() {
  // The first request goes to the address with a slash, which has moved.
  const path = `${context.creator}/janus/douyin/creator/pc/work_list${first ? "/" : ""}`;
  first = false;
  const query = `status=0&count=${COUNT}&max_cursor=${cursor}&scene=star_atlas&device_platform=android&aid=1128`;
  /** @type {Works} */
  const body = await getJson(`${path}?${query}`);
  const works = body.aweme_list ?? [];
  cursor = body.max_cursor;
  $("total").textContent = `共 ${body.total} 个作品`;
  $("works").append(...works.map((work, index) => workCard(work, body.items?.[index]?.metrics ?? {})));
  return { more: body.has_more, count: works.length };
}

/**
 * @param {Work} work
 * @param {Record<string, string | number>} metrics
 */
function workCard(work, metrics) {
  /**
   * @param {string} label
   * @param {string | number | undefined} value
   */
  const number = (label, value) => el("span", {}, `${label} `, el("b", {}, value ?? "-"));
  const length = work.images ? " · 图文" : ` · ${Math.round(work.duration / 1000)} 秒`;
  const tags = [work.status.is_private && "私密", work.status.is_delete && "已删除"].filter((tag) => tag !== false);
  const card = el(
    "div",
    { class: "video-card-zQ02ng card" },
    el("img", { src: work.Cover.url_list[0], alt: "", class: "cover" }),
    el(
      "div",
      { class: "video-card-info" },
      el("div", { class: "info-title-text-YTLo9y" }, work.desc),
      el("div", { class: "muted" }, dateText(work.create_time), length),
      el(
        "div",
        { class: "numbers" },
        number("播放", metrics.view_count),
        number("点赞", metrics.like_count),
        number("评论", metrics.comment_count),
        number("分享", metrics.share_count),
        number("收藏", metrics.favorite_count),
      ),
    ),
    el("div", { class: "tags" }, ...tags.map((tag) => el("i", {}, tag))),
  );
  attach(card, { item: work }, { up: 2 });
  return card;
}

endless($("end"), loadWorks, "没有更多作品");
