// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { isInbox, listPathOf, placeOf } from "../../../inbox/static/inbox/page/addresses.js";

test("threads open beside the inbox, works beside the works", () => {
  for (const path of ["/", "/c/conv_1", "/d/comm_1", "/n/group_1"]) assert.equal(placeOf(path), "inbox");
  for (const path of ["/works", "/works/cont_1"]) assert.equal(placeOf(path), "works");
});

test("other pages are loaded", () => {
  for (const path of ["/accounts", "/me", "/admin/", "/workshop", "/nowhere", "/login/"])
    assert.equal(isInbox(path), false);
});

test("the list of a work is the works, of anything else the inbox", () => {
  assert.equal(listPathOf("/works/cont_1"), "/works");
  assert.equal(listPathOf("/d/comm_1"), "/");
});
