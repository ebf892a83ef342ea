// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  askedCount,
  HEAD,
  keptBelow,
  placeOfSight,
  planLeaving,
  putBack,
} from "../../../inbox/static/inbox/list/placement.js";

const rows = (/** @type {string} */ ids) => [...ids].map((id) => ({ id }));
const idsOf = (/** @type {{id: string}[]} */ all) => all.map((row) => row.id).join("");
const many = (/** @type {number} */ from, /** @type {number} */ to) =>
  Array.from({ length: to - from }, (_, index) => ({ id: `r${from + index}` }));

/** @param {[row: {id: string}, isLeaving: boolean][]} head */
const leaving = (head) => idsOf(head.filter(([, isLeaving]) => isLeaving).map(([row]) => row));

test("as many rows are asked for as are shown, and a page more", () => {
  assert.equal(askedCount(0), 100);
  assert.equal(askedCount(80), 130);
  assert.equal(askedCount(1_000), HEAD);
});

test("under the hand nothing moves: what goes is marked", () => {
  assert.equal(leaving(planLeaving(rows("abcd"), rows("xaycd"))), "b");
});

test("what is in sight stays there, though others come above it", () => {
  assert.deepEqual(placeOfSight(rows("cd"), rows("xyabcd")), { place: 4, from: 0 });
  assert.deepEqual(placeOfSight(rows("cd"), rows("xdab")), { place: 1, from: 1 });
  assert.equal(placeOfSight(rows("cd"), rows("ab")).place, -1);
});

test("of rows further down than the server answers nothing is known: they do not leave", () => {
  const head = planLeaving(many(0, 300), many(0, HEAD));
  assert.equal(head.length, HEAD);
  assert.equal(leaving(head), "");
});

test("rows below the server's answer stay, and none stands there twice", () => {
  const shown = many(0, 260);
  const fresh = [...many(255, 256), ...many(0, HEAD - 1)];
  const below = keptBelow(shown, fresh, true);
  assert.deepEqual([below[0]?.id, below.at(-1)?.id, below.length], ["r200", "r259", 59]);
});

test("an answer with the whole list leaves nothing below it", () => {
  assert.deepEqual(keptBelow(many(0, 260), many(0, HEAD), false), []);
  assert.deepEqual(keptBelow(rows("abcd"), rows("ab"), true), []);
});

test("rows that were taken out come back where they were", () => {
  const [a, b, c, d] = rows("abcd");
  assert.ok(a && b && c && d);
  assert.equal(idsOf(putBack([a, d], [b, c], [1, 2])), "abcd");
});

test("a row that came back meanwhile is not put there twice", () => {
  const gone = rows("b");
  assert.equal(idsOf(putBack(rows("bac"), gone, [1])), "bac");
});
