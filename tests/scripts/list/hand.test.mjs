// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { AFTER_MS, Hand, PARKED_MS } from "../../../inbox/static/inbox/list/hand.js";

test("rows are let go ten seconds after the hand left them", () => {
  const hand = new Hand();
  assert.equal(hand.isIn(0), false);
  hand.moved(true, 1_000);
  hand.moved(false, 5_000);
  assert.equal(hand.isIn(5_000 + AFTER_MS - 1), true);
  assert.equal(hand.isIn(5_000 + AFTER_MS), false);
});

test("a pointer that goes on elsewhere holds nothing", () => {
  const hand = new Hand();
  hand.moved(true, 1_000);
  hand.moved(false, 2_000);
  hand.moved(false, 11_000);
  assert.equal(hand.freeAt, 12_000);
});

test("a pointer that rests on a row is a hand, one that lies there for a minute is none", () => {
  const hand = new Hand();
  hand.moved(true, 0);
  assert.equal(hand.isIn(30_000), true);
  assert.equal(hand.isIn(PARKED_MS), false);
});

test("a key or a finger holds the rows for ten seconds", () => {
  const hand = new Hand();
  hand.acted(500);
  assert.equal(hand.isIn(500 + AFTER_MS - 1), true);
  assert.equal(hand.isIn(500 + AFTER_MS), false);
});
