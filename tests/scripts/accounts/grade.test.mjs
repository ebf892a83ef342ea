// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { formatLooks, gradeOf, parseLooks, renewLooks } from "../../../inbox/static/inbox/accounts/grade.js";

const NOW = 1_000_000;
const said = "messages:900000:90000:300000 comments:700000:90000:300000";

/**
 * @param {number} age
 * @param {string} [surface]
 */
const look = (age, surface = "messages") => ({ surface, at: NOW - age, fresh: 90_000, late: 300_000 });

test("what the server says is read, and written again as it was", () => {
  assert.deepEqual(parseLooks(said)[1], { surface: "comments", at: 700_000, fresh: 90_000, late: 300_000 });
  assert.equal(formatLooks(parseLooks(said)), said);
});

test("up to its limit a look is fresh, then late, then stale", () => {
  /** @type {[age: number, tone: string][]} */
  const grades = [
    [0, "ok"],
    [90_000, "ok"],
    [90_001, "wait"],
    [300_000, "wait"],
    [300_001, "act"],
  ];
  for (const [age, tone] of grades) assert.equal(gradeOf([look(age)], NOW).tone, tone);
});

test("an account is as fresh as its worse look, and says the age of that one", () => {
  assert.deepEqual(gradeOf([look(10_000), look(400_000, "comments")], NOW), { at: NOW - 400_000, tone: "act" });
});

test("of equally fresh looks the first one counts, whichever is older", () => {
  assert.deepEqual(gradeOf([look(10_000), look(80_000, "comments")], NOW), { at: NOW - 10_000, tone: "ok" });
});

test("a pushed look is taken over, and one that was not pushed stays", () => {
  const [messages, comments] = renewLooks(parseLooks(said), { messages: 999_000, works: 1 });
  assert.equal(messages?.at, 999_000);
  assert.equal(comments?.at, 700_000);
});
