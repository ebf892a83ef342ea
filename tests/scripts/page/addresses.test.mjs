// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { addressOfThread, isInbox, linkOf, listPathOf, placeOf } from "../../../inbox/static/inbox/page/addresses.js";

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

test("a link for a colleague keeps the account that its id needs, and nothing of the list", () => {
  const here = "https://hub.example/c/x%2F1?tab=all&account_id=tea&q=rose";
  assert.equal(linkOf(here), "https://hub.example/c/x%2F1?account_id=tea");
  assert.equal(linkOf("https://hub.example/d/k1?tab=all"), "https://hub.example/d/k1");
});

test("the address of a thread names its account: an id may be of two", () => {
  assert.equal(addressOfThread({ id: "x/1", account: "a&b", isConversation: true }), "/c/x%2F1?account_id=a%26b");
  assert.equal(addressOfThread({ id: "k", account: "tea", isConversation: false }), "/d/k?account_id=tea");
});
