// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { Arrivals, countGap } from "../../../inbox/static/inbox/notices/arrivals.js";

/** @import {Item} from "../../../inbox/static/inbox/api/shapes.js" */

/** @param {Item} given */
const aMessage = (given = {}) => ({
  kind: "message.created",
  account: "roses",
  data: /** @type {Item} */ ({
    msg_id: "msg_1",
    conversation_id: "conv_1",
    direction: "inbound",
    is_read: false,
    content: "在吗",
    sender: { user_name: "小王" },
    ...given,
  }),
});
const arrival = { id: "conv_1", account: "roses", muted: false, person: "小王", textOf: "msg_1", isConversation: true };

test("messages of one thread are told as one, with the newest text", () => {
  const arrivals = new Arrivals();
  assert.ok(arrivals.take(aMessage()));
  assert.ok(arrivals.take(aMessage({ content: "还有货吗" })));
  assert.deepEqual(arrivals.drain(), [{ ...arrival, count: 2, text: "还有货吗" }]);
});

test("what was told is not told again", () => {
  const arrivals = new Arrivals();
  arrivals.take(aMessage());
  arrivals.drain();
  assert.deepEqual(arrivals.drain(), []);
});

test("own, read and deleted messages are nothing to tell of, nor is what changed", () => {
  const arrivals = new Arrivals();
  for (const given of [{ direction: "outbound" }, { is_read: true }, { is_deleted: true }]) {
    assert.equal(arrivals.take(aMessage(/** @type {Item} */ (given))), false);
  }
  assert.equal(arrivals.take({ ...aMessage(), kind: "message.updated" }), false);
  assert.deepEqual(arrivals.drain(), []);
});

test("words that were recalled before they were told are not told", () => {
  const arrivals = new Arrivals();
  arrivals.take(aMessage());
  arrivals.take({ ...aMessage({ msg_id: "msg_2", is_recalled: true, content: null }), kind: "message.updated" });
  arrivals.take({ ...aMessage({ is_recalled: true, content: null }), kind: "message.updated" });
  assert.equal(arrivals.drain()[0]?.text, null);
  arrivals.take(aMessage());
  arrivals.take({ ...aMessage({ msg_id: "msg_2", is_recalled: true, content: null }), kind: "message.updated" });
  assert.equal(arrivals.drain()[0]?.text, "在吗");
});

test("a muted thread is silent: its row says so after the message", () => {
  const arrivals = new Arrivals();
  arrivals.take(aMessage());
  arrivals.take({ kind: "thread.updated", account: "roses", data: { thread_id: "conv_1", is_muted: true } });
  assert.deepEqual(arrivals.drain(), []);
});

test("its row names the person if the message does not", () => {
  const arrivals = new Arrivals();
  arrivals.take(aMessage({ sender: null }));
  const data = { thread_id: "conv_1", is_muted: false, person: { user_name: "王小姐" } };
  arrivals.take({ kind: "thread.updated", account: "roses", data });
  assert.equal(arrivals.drain()[0]?.person, "王小姐");
});

test("an answer to a comment is told with the comment's thread", () => {
  const arrivals = new Arrivals();
  const data = { ...aMessage().data, conversation_id: null, parent_comment_id: "comm_1", discussion_id: "comm_9" };
  arrivals.take({ kind: "discussion.created", account: "roses", data: { ...data, author: { author_name: "阿花" } } });
  const [one] = arrivals.drain();
  assert.deepEqual([one?.id, one?.isConversation], ["comm_1", false]);
});

const before = new Map([
  ["roses", 3],
  ["craft", 10],
]);
const now = new Map([
  ["roses", 5],
  ["craft", 7],
]);
const told = [{ ...arrival, count: 4, text: "在吗" }];

test("once the hub tells again, what it told afterwards is counted", () => {
  assert.equal(countGap({ told, isTold: true, reset: new Set(), before, now }), 4);
});

test("of an account where the hub does not know what happened, what is unread more is counted", () => {
  assert.equal(countGap({ told, isTold: true, reset: new Set(["roses"]), before, now }), 2);
});

test("while the hub tells nothing, what is unread more is counted, and reading elsewhere takes nothing off", () => {
  assert.equal(countGap({ told: [], isTold: false, reset: new Set(), before, now }), 2);
});
