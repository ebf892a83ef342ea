// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { follow, isByRow, planByAccount, planByRow } from "../../../inbox/static/inbox/list/mark_plan.js";

const query = (/** @type {string} */ text) => new URLSearchParams(text);
const counts = { unread_comments: 1, unread_discussions: 2, unread_direct_messages: 4, unread_notifications: 8 };
const nothing = { unread_comments: 0, unread_discussions: 0, unread_direct_messages: 0, unread_notifications: 0 };

test("a view by what the hub cannot mark by is marked row by row", () => {
  for (const text of ["", "tab=wait", "tab=all&q=rose", "tab=all&pinned=1", "tab=all&group=shop"]) {
    assert.ok(isByRow(query(text)), text);
  }
  for (const text of ["tab=all", "tab=unread&kind=comment", "tab=all&account=roses&q="]) {
    assert.ok(!isByRow(query(text)), text);
  }
});

test("all kinds are marked up to the newest item in the view, of accounts where something is unread", () => {
  const plan = planByAccount(query("tab=all"), { roses: counts, craft: nothing }, 1_700_000_000_000);
  const types = ["direct_message", "comment", "discussion", "notification"];
  assert.equal(plan.total, 15);
  assert.deepEqual(plan.steps, [
    { call: ["PUT", "unified-messages/read-many", { account_id: "roses", before: 1_700_000_000_000, types }] },
  ]);
});

test("a view of one kind marks that kind; comments are comments and answers", () => {
  const plan = planByAccount(query("tab=all&kind=comment"), { roses: counts }, 5);
  assert.equal(plan.total, 3);
  assert.deepEqual(plan.steps[0]?.call[2], { account_id: "roses", before: 5, types: ["comment", "discussion"] });
});

test("row by row: what is unread, may be written and has something to mark", () => {
  const plan = planByRow([
    { unread: "2", route: "conversations/a", mayWrite: "true" },
    { unread: "0", route: "conversations/b", mayWrite: "true" },
    { unread: "3", route: "conversations/c", mayWrite: "false" },
    { unread: "1", mayWrite: "true" },
    { unread: "4", unreadIds: '["n 1","n2"]', account: "roses", mayWrite: "true" },
  ]);
  assert.equal(plan.total, 6);
  assert.deepEqual(plan.steps, [
    { call: ["PUT", "conversations/a/read"], count: 2 },
    { call: ["PUT", "unified-messages/read-many", { account_id: "roses", message_ids: ["n 1", "n2"] }], count: 4 },
  ]);
});

test("row by row: muted rows, likes and follows are read and not counted", () => {
  const plan = planByRow([
    { unread: "2", route: "conversations/a", mayWrite: "true", calls: "true" },
    { unread: "3", route: "conversations/b", mayWrite: "true", calls: "false" },
  ]);
  assert.equal(plan.total, 2);
  assert.deepEqual(
    plan.steps.map(({ count }) => count),
    [2, 0],
  );
});

/**
 * @param {{marked_count?: number, complete?: boolean}[]} answers
 * @param {number} [count]
 */
async function marked(answers, count) {
  /** @type {number[]} */
  const all = [];
  const send = async () => answers.shift() ?? { marked_count: 0, complete: false };
  /** @type {import("../../../inbox/static/inbox/list/mark_plan.js").Step} */
  const step = { call: ["PUT", "somewhere/read"], ...(count === undefined ? {} : { count }) };
  for await (const one of follow({ total: 9, steps: [step] }, send)) all.push(one);
  return all;
}

test("a write that marked only what counts nowhere is sent again until all is marked", async () => {
  const muted = { marked_count: 0, complete: false };
  assert.deepEqual(await marked([muted, muted, { marked_count: 7, complete: true }]), [0, 0, 7]);
});

test("a row is marked once, and an answer that stays incomplete ends too", async () => {
  assert.deepEqual(await marked([{}], 4), [4]);
  assert.ok((await marked([])).length <= 1_000);
});
