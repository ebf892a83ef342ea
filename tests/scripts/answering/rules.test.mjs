// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  charsLeft,
  isAnsweredSince,
  isCertain,
  lengthOf,
  newClientId,
  sends,
  wentNowhere,
} from "../../../inbox/static/inbox/answering/rules.js";
import { Refused } from "../../../inbox/static/inbox/api/failures.js";

const PRESS = {
  key: "Enter",
  shiftKey: false,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  isComposing: false,
  keyCode: 13,
};
const pressed = (/** @type {object} */ more) => ({ ...PRESS, ...more });

test("Enter sends and Shift Enter breaks the line, or the other way round; Ctrl Enter always sends", () => {
  for (const turned of [false, true]) {
    assert.equal(sends(PRESS, turned), !turned);
    assert.equal(sends(pressed({ shiftKey: true }), turned), turned);
    for (const control of [{ ctrlKey: true }, { metaKey: true }]) assert.ok(sends(pressed(control), turned));
    assert.ok(!sends(pressed({ altKey: true }), turned));
    assert.ok(!sends(pressed({ key: "a" }), turned));
  }
});

test("Enter that takes a word of an input method sends nothing", () => {
  for (const composing of [{ isComposing: true }, { keyCode: 229 }]) {
    for (const more of [{}, { shiftKey: true }, { ctrlKey: true }]) {
      assert.ok(!sends(pressed({ ...composing, ...more }), false));
      assert.ok(!sends(pressed({ ...composing, ...more }), true));
    }
  }
});

test("characters count as the hub counts them: a glyph of two units once, blanks around and returns not", () => {
  assert.equal(lengthOf("  好👍\r\n吗 "), 4);
  assert.equal(charsLeft("长".repeat(450)), null);
  assert.equal(charsLeft(`${"👍".repeat(500)}  `), 0);
  assert.equal(charsLeft("长".repeat(503)), -3);
});

test("only an answer that came after the draft was begun asks before it goes", () => {
  assert.ok(!isAnsweredSince(null, "m1"));
  assert.ok(!isAnsweredSince({ answer: "m1" }, "m1"));
  assert.ok(!isAnsweredSince({ answer: "m1" }, ""));
  assert.ok(isAnsweredSince({ answer: "" }, "m1"));
  assert.ok(isAnsweredSince({ answer: "m1" }, "m2"));
  assert.ok(!isAnsweredSince({}, "m1"), "what was taken back does not know what the page showed");
});

test("after a fault of the hub, or no answer at all, nobody knows whether it has the reply", () => {
  for (const status of [400, 403, 409]) assert.ok(isCertain(new Refused(status)));
  for (const error of [new Refused(500), new TypeError("no network"), null]) assert.ok(!isCertain(error));
});

test("a reply that ended without being sent may be sent under another name; one that may arrive may not", () => {
  for (const state of ["cancelled", "failed", "refused"]) assert.ok(wentNowhere({ state }));
  for (const state of ["held", "queued", "typing", "pressing", "sent", "unknown"]) assert.ok(!wentNowhere({ state }));
  for (const none of [null, undefined, "failed", {}]) assert.ok(!wentNowhere(none));
});

test("each reply gets a name of its own, a UUID of version 4", () => {
  const names = new Set(Array.from({ length: 200 }, newClientId));
  assert.equal(names.size, 200);
  for (const name of names) assert.match(name, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
