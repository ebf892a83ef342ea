// @ts-check
import { commentRow, editor } from "./comment_rows.js";
import { $, attach, context, el, endless, getJson } from "./site.js";

/** @import {Comment, Comments, PickerWork, PickerWorks} from "./shapes.js" */

const V2 = `${context.creator}/web/api/third_party/aweme/api/comment/read/aweme/v1/web/comment/list`;
const COMMON = "channel_id=618&app_id=2906&aid=2906&device_platform=webapp";
// The newer page has a filter, which it keeps from one visit to the next.
const filter = document.getElementById("filter");
let pickerCursor = "";
/** @type {PickerWork | null} */
let chosen = null;
let stop = () => {};

// The picker's first page is asked for at load, before anybody opens it.
async function loadPicker() {
  /** @type {PickerWorks} */
  const body = await getJson(`${context.creator}/aweme/v1/creator/item/list/?cursor=${pickerCursor}&aid=2906`);
  const works = body.item_info_list ?? [];
  pickerCursor = body.cursor;
  $("picker").append(...works.map(pickerRow));
  return { more: body.has_more, count: works.length };
}

/** @param {PickerWork} work */
function pickerRow(work) {
  const row = el(
    "div",
    { class: filter ? "works-item-Vb2nQd" : "container-Lkxos9", onclick: () => choose(work) },
    el("img", { src: work.cover_image_url, alt: "" }),
    el(
      "div",
      {},
      el("div", { class: "title-LUOP3b" }, work.title),
      el("div", { class: "muted" }, work.create_time),
      el("div", { class: "muted" }, `评论 ${work.comment_count}`),
    ),
  );
  attach(row, { item: work }, { up: 2 });
  return row;
}

/** @param {PickerWork} work */
function choose(work) {
  stop();
  chosen = work;
  $("modal").hidden = true;
  $("chosen").replaceChildren(el("img", { src: work.cover_image_url, alt: "" }), el("span", {}, work.title));
  $("box").hidden = false;
  const target = { aweme_id: work.item_id_plain };
  $("box").replaceChildren(editor("有爱评论，说点好听的~", target, (row) => $("comments").prepend(row)));
  $("comments").replaceChildren();
  $("end").replaceWith(el("div", { class: "list-end", id: "end" }));
  let cursor = 0;
  stop = endless(
    $("end"),
    async () => {
      const id = work.item_id_plain;
      const query = `aweme_id=${id}&cursor=${cursor}&count=10&comment_select_options=${selected()}&sort_options=0&${COMMON}`;
      /** @type {Comments} */
      const body = await getJson(`${V2}/select/?${query}`);
      const comments = body.comments ?? [];
      cursor = body.cursor;
      $("comments").append(...comments.map((comment) => commentRow(comment, loadReplies)));
      return { more: Boolean(body.has_more), count: comments.length };
    },
    "没有更多评论",
  );
}

/**
 * @param {Comment} comment
 * @param {number} cursor
 */
const loadReplies = (comment, cursor) =>
  getJson(`${V2}/reply/?comment_id=${comment.cid}&cursor=${cursor}&count=10&${COMMON}`);

const selected = () => (filter?.textContent === "未回复" ? "not_replied" : "0");
if (filter) {
  const options = $("filters");
  filter.addEventListener("click", () => {
    options.hidden = !options.hidden;
  });
  options.addEventListener("click", (event) => {
    if (!(event.target instanceof HTMLElement)) return;
    filter.textContent = event.target.textContent;
    options.hidden = true;
    if (chosen) choose(chosen);
  });
}

/** @param {boolean} isOpen */
const showPicker = (isOpen) => {
  $("modal").hidden = !isOpen;
};
$("choose").addEventListener("click", () => showPicker(true));
$("close").addEventListener("click", () => showPicker(false));
const firstPage = loadPicker();
let handed = false;
const nextPage = () => {
  if (handed) return loadPicker();
  handed = true;
  return firstPage;
};
endless($("picker-end"), nextPage, "没有更多作品");
