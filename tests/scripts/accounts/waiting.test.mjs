// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseWaiting, toneOf } from "../../../inbox/static/inbox/accounts/waiting.js";
import { DAY, HOUR, MINUTE } from "../../../inbox/static/inbox/words/ago.js";

test("a wait of seconds is just now, never 0 minutes", () => {
  for (const isBare of [true, false]) {
    assert.equal(chooseWaiting(0, isBare)[0], "just_now");
    assert.equal(chooseWaiting(MINUTE - 1, isBare)[0], "just_now");
  }
  assert.deepEqual(chooseWaiting(MINUTE, false), ["waiting_minutes", { n: 1 }]);
});

test("minutes up to an hour, hours up to two days, then days", () => {
  assert.deepEqual(chooseWaiting(HOUR - 1, false), ["waiting_minutes", { n: 59 }]);
  assert.deepEqual(chooseWaiting(HOUR, false), ["waiting_hours", { n: 1 }]);
  assert.deepEqual(chooseWaiting(2 * DAY, false), ["waiting_days", { n: 2 }]);
});

test("beside the word waiting only the time is said", () => {
  assert.deepEqual(chooseWaiting(3 * MINUTE, true), ["minutes", { n: 3 }]);
  assert.deepEqual(chooseWaiting(3 * HOUR, true), ["hours", { n: 3 }]);
  assert.deepEqual(chooseWaiting(3 * DAY, true), ["days", { n: 3 }]);
});

test("from the limits of the person on it is long, and too long", () => {
  const limits = { warn: 10 * MINUTE, bad: 30 * MINUTE };
  assert.equal(toneOf(10 * MINUTE - 1, limits), "");
  assert.equal(toneOf(10 * MINUTE, limits), "warn");
  assert.equal(toneOf(30 * MINUTE, limits), "bad");
});
