// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { choose, fillIn, ownFirst, searchIn } from "../../../inbox/static/inbox/answering/saved_search.js";

const replies = [
  { title: "发货时间", text: "{昵称} 你好，明天发货" },
  { title: "尺码", text: "偏大一码，发货前会再问" },
  { title: "Hours", text: "We are open from ten" },
  { title: "再发货", text: "好的" },
];
const found = (/** @type {string} */ words) => choose(replies, words).map(({ title }) => title);

test("a slash begins a search at the start of a line only", () => {
  assert.equal(searchIn("/"), "");
  assert.equal(searchIn("/尺"), "尺");
  assert.equal(searchIn("你好\n/发货"), "发货");
  for (const key of ["／", "、"]) assert.equal(searchIn(`${key}尺`), "尺", "as a Chinese input method writes it");
  for (const none of ["", "1/2", "https://a", "你好 /尺", "/尺\n"]) assert.equal(searchIn(none), null);
});

test("titles that begin so come first, then titles, then texts; letters of any case and width", () => {
  assert.deepEqual(found("发货"), ["发货时间", "再发货", "尺码"]);
  assert.deepEqual(found("ＨＯ"), ["Hours"]);
  assert.deepEqual(found("ten"), ["Hours"]);
  assert.deepEqual(found("没有的"), []);
  assert.equal(found("").length, 4);
});

test("names are filled in as they are, whatever characters they have", () => {
  const names = { person: "$& {账号}", account: "小满花店" };
  assert.equal(fillIn("{昵称}，{name}：{账号}", { person: "林", account: "花" }), "林，林：花");
  assert.equal(fillIn("{name}", { person: "$&", account: "x" }), "$&");
  assert.equal(fillIn("{account}", names), "小满花店");
});

test("what is for this account alone comes first, each kind in its order", () => {
  const [a, b, c, d] = [null, "roses", null, "roses"].map((account_id, at) => ({ account_id, at }));
  assert.deepEqual(ownFirst([a, b, c, d].filter((one) => one !== undefined)), [b, d, a, c]);
});
