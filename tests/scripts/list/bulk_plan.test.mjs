// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { between, fitting, isOnForAll } from "../../../inbox/static/inbox/list/bulk_plan.js";

const MAY = { mayWrite: "true" };
const waits = { ...MAY, kind: "direct_message", route: "conversations/1", unread: "2", waits: "true", pinned: "true" };
const answered = { ...MAY, kind: "direct_message", route: "conversations/2", unread: "0", waits: "false" };
const comment = { ...MAY, kind: "comment", route: "discussions/1", unread: "0", waits: "false" };
const notices = { ...MAY, kind: "notification", unread: "3", unreadIds: '["n1"]', waits: "false" };

test("what fits any of the rows can be done", () => {
  const all = { read: true, done: true, pin: true, mute: true, remove: true };
  assert.deepEqual(fitting([waits]), all);
  assert.deepEqual(fitting([answered, notices]), { ...all, done: false });
});

test("comments cannot be pinned, notices can only be read", () => {
  assert.deepEqual(fitting([comment]), { read: false, done: false, pin: false, mute: false, remove: true });
  assert.deepEqual(fitting([notices]), { read: true, done: false, pin: false, mute: false, remove: false });
});

test("in an account that may only be read nothing can be done", () => {
  assert.deepEqual(Object.values(fitting([{ ...waits, mayWrite: "false" }])), [false, false, false, false, false]);
  assert.deepEqual(Object.values(fitting([])), [false, false, false, false, false]);
});

test("an action takes away what all conversations have", () => {
  assert.equal(isOnForAll([waits, comment], "pinned"), true);
  assert.equal(isOnForAll([waits, answered], "pinned"), false);
  assert.equal(isOnForAll([comment], "pinned"), false);
});

test("rows are picked from one to another, whichever stands first", () => {
  const rows = [..."abcde"];
  assert.deepEqual(between(rows, "b", "d"), ["b", "c", "d"]);
  assert.deepEqual(between(rows, "d", "b"), ["b", "c", "d"]);
  assert.deepEqual(between(rows, "x", "b"), ["b"]);
});
