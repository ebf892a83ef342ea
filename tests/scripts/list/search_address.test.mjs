// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { searchAddress } from "../../../inbox/static/inbox/list/search_address.js";

const ACTION = "http://hub.example/";

test("what is typed is searched for in all rows of the chosen accounts", () => {
  const address = searchAddress(
    ACTION,
    [
      ["q", " 尺码 "],
      ["tab", "all"],
      ["account", "roses,tea"],
    ],
    ACTION,
  );
  assert.deepEqual(Object.fromEntries(new URL(address).searchParams), { q: "尺码", tab: "all", account: "roses,tea" });
});

test("an empty field leads back to the list as it opens", () => {
  const address = searchAddress(
    ACTION,
    [
      ["q", " "],
      ["tab", "all"],
      ["account", "roses"],
    ],
    ACTION,
  );
  assert.equal(address, "http://hub.example/?account=roses");
});

test("a thread that is open stays open", () => {
  const here = "http://hub.example/c/x%2F1?account_id=tea&tab=all&at=m1&q=old";
  const address = new URL(searchAddress(ACTION, [["q", "new"]], here));
  assert.equal(address.pathname, "/c/x%2F1");
  assert.deepEqual(Object.fromEntries(address.searchParams), { account_id: "tea", q: "new" });
});

test("so does a group of notices, and a work with its tab and order", () => {
  const notices = searchAddress(ACTION, [["q", "new"]], "http://hub.example/n/g%3A1?tab=all");
  assert.equal(notices, "http://hub.example/n/g%3A1?q=new");
  const works = "http://hub.example/works";
  const work = searchAddress(
    works,
    [["q", "new"]],
    "http://hub.example/works/w1?tab=all&show=all&by=likes&account_id=a",
  );
  assert.equal(work, "http://hub.example/works/w1?account_id=a&show=all&by=likes&q=new");
  assert.equal(searchAddress(works, [["q", "new"]], "http://hub.example/works?tab=all"), `${works}?q=new`);
});
