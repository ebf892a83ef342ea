// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { readOf } from "../../../inbox/static/inbox/api/calls.js";
import { isAway, isForbidden, Refused, SignedOut } from "../../../inbox/static/inbox/api/failures.js";

test("the hub is away without a network, without an answer in time, and behind a proxy that cannot reach it", () => {
  assert.ok(isAway(new TypeError("Failed to fetch")));
  assert.ok(isAway(new DOMException("signal timed out", "TimeoutError")));
  for (const status of [502, 503, 504]) assert.ok(isAway(new Refused(status)));
});

test("a hub that answers is not away, whatever it answers", () => {
  for (const status of [401, 403, 404, 500]) assert.ok(!isAway(new Refused(status)));
  assert.ok(!isAway(new SignedOut()));
  assert.ok(!isAway("nonsense"));
});

test("only 403 says that it is not allowed", () => {
  assert.ok(isForbidden(new Refused(403)));
  assert.ok(!isForbidden(new Refused(401)));
});

test("what is unread is read by its ids if they are told, else by the thread", () => {
  assert.deepEqual(readOf({ route: "conversations/conv_1" }), ["PUT", "conversations/conv_1/read"]);
  const call = readOf({ route: "x", unreadIds: '["a b","c"]' });
  assert.deepEqual(call, ["PUT", "unified-messages/read-many", { message_ids: ["a b", "c"] }]);
});
