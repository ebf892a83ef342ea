// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { addressOf, readsOf } from "../../../inbox/static/inbox/api/calls.js";
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
  assert.deepEqual(readsOf({ route: "conversations/conv_1" }), [["PUT", "conversations/conv_1/read"]]);
  const calls = readsOf({ route: "x", account: "a", unreadIds: '["a b","c"]' });
  assert.deepEqual(calls, [["PUT", "unified-messages/read-many", { account_id: "a", message_ids: ["a b", "c"] }]]);
});

test("thousands of unread replies are read by calls that each have few enough", () => {
  const ids = Array.from({ length: 1_201 }, (_, n) => `comm_a_${n}`);
  const calls = readsOf({ route: "x", account: "a", unreadIds: JSON.stringify(ids) });
  const named = calls.map((call) => /** @type {{message_ids: string[]}} */ (call[2]).message_ids);
  assert.deepEqual(
    named.map((some) => some.length),
    [500, 500, 201],
  );
  assert.deepEqual(named.flat(), ids);
});

test("the account that a route names goes behind what is done with the item", () => {
  assert.equal(addressOf("conversations/conv_1/read"), "/api/im/conversations/conv_1/read");
  assert.equal(addressOf("conversations/x?account_id=a/read"), "/api/im/conversations/x/read?account_id=a");
  assert.equal(addressOf("discussions/x?account_id=a"), "/api/im/discussions/x?account_id=a");
  assert.equal(addressOf("conversations/a%2Fread/messages?count=2"), "/api/im/conversations/a%2Fread/messages?count=2");
});
