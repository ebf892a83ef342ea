// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseAgo, DAY, HOUR, MINUTE } from "../../../inbox/static/inbox/words/ago.js";

/** @type {[age: number, key: string, n: number][]} */
const AGES = [
  [0, "just_now", 0],
  [4_999, "just_now", 0],
  [5_000, "seconds_ago", 5],
  [59_999, "seconds_ago", 59],
  [MINUTE, "minutes_ago", 1],
  [HOUR - 1, "minutes_ago", 59],
  [HOUR, "hours_ago", 1],
  [2 * DAY - 1, "hours_ago", 47],
  [2 * DAY, "days_ago", 2],
];

for (const [age, key, n] of AGES) {
  test(`${age} ms ago is said with "${key}" and ${n}`, () => {
    assert.deepEqual(chooseAgo(age), [key, { n }]);
  });
}
