// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { fill } from "../../../inbox/static/inbox/words/sentence.js";

/** @type {[one: string, more: string]} */
const NEW = ["%(n)s new message", "%(n)s new messages"];

test("one is one, and everything else is more", () => {
  assert.equal(fill(NEW, { n: 1 }), "1 new message");
  for (const n of [0, 2, 11, 21]) assert.equal(fill(NEW, { n }), `${n} new messages`);
});

test("a sentence without a number is more", () => {
  assert.equal(fill(NEW, { n: "1" }), "1 new messages");
});

test("each hole is filled with the value of its name, as often as it stands there", () => {
  assert.equal(fill("%(done)s of %(total)s; %(total)s", { done: 3, total: 9 }), "3 of 9; 9");
});

test("what a person wrote is filled in as it is", () => {
  assert.equal(fill("%(names)s is here", { names: "$& %(n)s <b>" }), "$& %(n)s <b> is here");
});

test("a plain sentence stays as it is, also with a percent sign", () => {
  assert.equal(fill("100 % done"), "100 % done");
});
