// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { Backoff } from "../../../inbox/static/inbox/connection/backoff.js";

const inTheMiddle = () => 0.5;

test("each wait is twice the last, up to the longest", () => {
  const backoff = new Backoff(500, 5_000, inTheMiddle);
  assert.deepEqual(
    Array.from({ length: 6 }, () => backoff.next()),
    [500, 1_000, 2_000, 4_000, 5_000, 5_000],
  );
});

test("windows that lost the hub together do not come back at the same moment", () => {
  assert.equal(new Backoff(1_000, 5_000, () => 0).next(), 750);
  assert.equal(new Backoff(1_000, 5_000, () => 1).next(), 1_250);
});

test("after a connection the first wait is short again", () => {
  const backoff = new Backoff(500, 5_000, inTheMiddle);
  backoff.next();
  backoff.next();
  backoff.reset();
  assert.equal(backoff.next(), 500);
});
