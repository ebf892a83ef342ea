// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { findLatest, isListed, parseIds } from "../../../inbox/static/inbox/accounts/listed.js";

const SEEN = { roses: { messages: 1_000, comments: 3_000 }, tea: { messages: 9_000 } };

test("an attribute without ids means every account", () => {
  for (const text of ["", " ", undefined]) {
    assert.deepEqual(parseIds(text), []);
    assert.equal(isListed("tea", parseIds(text)), true);
  }
  assert.equal(findLatest(SEEN, []), 9_000);
});

test("a list of one account takes its last look from that one alone", () => {
  const ids = parseIds("roses");
  assert.deepEqual([isListed("roses", ids), isListed("tea", ids), isListed(undefined, ids)], [true, false, false]);
  assert.equal(findLatest(SEEN, ids), 3_000);
  assert.equal(findLatest(SEEN, ["dress"]), 0);
});
