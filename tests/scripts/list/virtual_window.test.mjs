// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { firstInSight, reveal, windowOf } from "../../../inbox/static/inbox/list/virtual_window.js";

const sight = { top: 0, size: 800, height: 80, count: 1_000 };

test("at the start the first rows are in the page, those in sight and some below", () => {
  assert.deepEqual(windowOf(sight), { from: 0, to: 42, before: 0, after: 958 * 80 });
});

test("in the middle there are some above and some below what is in sight", () => {
  const { from, to } = windowOf({ ...sight, top: 500 * 80 });
  assert.deepEqual([from, to], [484, 526]);
});

test("the gaps and the rows between them are as high as all rows, wherever somebody scrolled", () => {
  for (const top of [-200, 0, 79, 4_321, 79_200, 90_000]) {
    const { from, to, before, after } = windowOf({ ...sight, top });
    const rows = Math.max(0, to - Math.min(from, sight.count));
    assert.equal(before + rows * sight.height + after, sight.count * sight.height, `at ${top}`);
  }
});

test("all rows of a short list are in the page", () => {
  assert.deepEqual(windowOf({ ...sight, count: 7 }), { from: 0, to: 7, before: 0, after: 0 });
});

test("an empty list has no gaps", () => {
  assert.deepEqual(windowOf({ ...sight, count: 0 }), { from: 0, to: 0, before: 0, after: 0 });
});

test("the first row in sight is the one at the upper edge, also if only a part of it is seen", () => {
  assert.equal(firstInSight({ top: 159, height: 80 }), 1);
  assert.equal(firstInSight({ top: 160, height: 80 }), 2);
  assert.equal(firstInSight({ top: -30, height: 80 }), 0);
});

test("a row above is scrolled to the upper edge, one below to the lower, one in sight not at all", () => {
  const here = { top: 1_000, size: 800, height: 80 };
  assert.equal(reveal(2, here), 160);
  assert.equal(reveal(30, here), 30 * 80 + 80 - 800);
  assert.equal(reveal(15, here), 1_000);
});

test("a row of which a part is hidden is brought into sight whole", () => {
  assert.equal(reveal(12, { top: 1_000, size: 800, height: 80 }), 960);
});
