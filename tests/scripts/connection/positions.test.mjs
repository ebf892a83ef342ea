// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { Positions } from "../../../inbox/static/inbox/connection/positions.js";

const at = (/** @type {number} */ seq, epoch = "e1") => ({ account: "roses", seq, epoch });

/** @param {number} seq */
function subscribedAt(seq) {
  const positions = new Positions();
  positions.subscribed({ roses: { seq, epoch: "e1" } });
  return positions;
}

test("before the first subscription there is nothing to go on from", () => {
  assert.equal(new Positions().since, undefined);
});

test("the next event is taken, and the next subscription goes on from it", () => {
  const positions = subscribedAt(7);
  assert.equal(positions.take(at(8)), "next");
  assert.deepEqual(positions.since, { roses: { seq: 8, epoch: "e1" } });
});

test("an event that was heard before changes nothing", () => {
  const positions = subscribedAt(7);
  assert.equal(positions.take(at(7)), "known");
  assert.equal(positions.take(at(3)), "known");
  assert.deepEqual(positions.since, { roses: { seq: 7, epoch: "e1" } });
});

test("an event after one that was missed is a gap, and is not taken: it comes again from where the page was", () => {
  const positions = subscribedAt(7);
  assert.equal(positions.take(at(9)), "gap");
  assert.deepEqual(positions.since, { roses: { seq: 7, epoch: "e1" } });
});

test("numbers that begin anew are a gap, whatever the number is", () => {
  for (const seq of [1, 7, 8]) assert.equal(subscribedAt(7).take(at(seq, "e2")), "gap");
});

test("a reset says where the account is now", () => {
  const positions = subscribedAt(7);
  positions.reset({ type: "reset", account: "roses", seq: 2, epoch: "e2", initial: false });
  assert.equal(positions.take(at(3, "e2")), "next");
});

test("the first event of an account that was given meanwhile is taken", () => {
  const positions = subscribedAt(7);
  assert.equal(positions.take({ account: "craft", seq: 40, epoch: "c" }), "next");
  assert.deepEqual(Object.keys(positions.since ?? {}), ["roses", "craft"]);
});

test("a subscription keeps what it does not name", () => {
  const positions = subscribedAt(7);
  positions.subscribed({ craft: { seq: 1, epoch: "c" } });
  assert.equal(positions.take(at(8)), "next");
});
