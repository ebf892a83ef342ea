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
  assert.equal(leaving(planLeaving(rows("abcd"), rows("xaycd"), false)), "b");
});

test("what is in sight stays there, though others come above it", () => {
  assert.deepEqual(placeOfSight(rows("cd"), rows("xyabcd")), { place: 4, from: 0 });
  assert.deepEqual(placeOfSight(rows("cd"), rows("xdab")), { place: 1, from: 1 });
  assert.equal(placeOfSight(rows("cd"), rows("ab")).place, -1);
});

test("of rows further down than the server answers nothing is known: they do not leave", () => {
  assert.equal(leaving(planLeaving(many(0, 300), many(0, HEAD), true)), "");
  assert.equal(leaving(planLeaving(many(0, 300), [...many(900, 905), ...many(0, HEAD - 5)], true)), "");
  assert.equal(leaving(planLeaving(many(0, 300), [...many(0, 9), ...many(10, HEAD)], true)), "r9");
});

test("rows below the server's answer stay, and none stands there twice", () => {
  const shown = many(0, 260);
  const fresh = [...many(255, 256), ...many(0, HEAD - 1)];
  const below = keptBelow(shown, fresh, true);
  assert.deepEqual([below[0]?.id, below.at(-1)?.id, below.length], ["r199", "r259", 60]);
});

test("an answer with the whole list leaves nothing below it", () => {
  assert.deepEqual(keptBelow(many(0, 260), many(0, HEAD), false), []);
  assert.deepEqual(keptBelow(rows("abcd"), rows("ab"), false), []);
});

test("rows that were loaded after the answer was asked for stay below it, and do not leave", () => {
  assert.equal(idsOf(keptBelow(rows("abcdef"), rows("abc"), true)), "def");
  assert.equal(leaving(planLeaving(rows("abcdef"), rows("ac"), true)), "");
  assert.equal(leaving(planLeaving(rows("abcdef"), rows("acd"), true)), "b");
});

test("where the answer knows none of the rows, what lies between is unknown: they are loaded anew", () => {
  assert.deepEqual(keptBelow(rows("abc"), rows("xyz"), true), []);
});

test("whatever comes, goes and moves up, each row that the server still has is shown once", () => {
  let seed = 7;
  const random = (/** @type {number} */ below) => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };
  for (let round = 0; round < 500; round += 1) {
    const before = many(0, 40);
    const shown = before.slice(0, 10 + random(30));
    let now = before.filter((row) => row.id !== `r${random(80)}` && row.id !== `r${random(80)}`);
    const mover = now[random(now.length)];
    if (mover && random(2)) now = [mover, ...now.filter((row) => row !== mover)];
    now = [...many(100, 100 + random(6)), ...now];
    const fresh = now.slice(0, 8 + random(20));
    const all = [...fresh, ...keptBelow(shown, fresh, fresh.length < now.length)].map((row) => row.id);
    assert.equal(new Set(all).size, all.length);
    for (const row of shown) if (now.includes(row)) assert.ok(all.includes(row.id), `${round}: ${row.id}`);
  }
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
