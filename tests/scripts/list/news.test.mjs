// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { News, parseNewest, WINDOW } from "../../../inbox/static/inbox/list/news.js";

/** @import {Newest} from "../../../inbox/static/inbox/list/news.js" */

/**
 * @param {string} id
 * @param {number} time
 * @returns {Newest}
 */
const row = (id, time, calls = true) => [id, time, calls];

/** @param {Newest[]} newest */
function newsAfter(...newest) {
  const news = new News();
  news.begin(newest);
  return news;
}

const idsOf = (/** @type {News} */ news) => [...news.ids].sort().join(" ");

test("what was there when the list opened is no news", () => {
  const news = newsAfter(row("ann", 20), row("ben", 10));
  news.take([row("ann", 20), row("ben", 10)]);
  assert.equal(idsOf(news), "");
});

test("new people and people who write again are counted alike, each once", () => {
  const news = newsAfter(row("ann", 20), row("ben", 10));
  news.take([row("carl", 30), row("ben", 25), row("ann", 20)]);
  assert.equal(idsOf(news), "ben carl");
  news.take([row("carl", 40), row("ben", 25), row("ann", 20)]);
  assert.equal(news.ids.size, 2);
});

test("what comes late with an older time is news too: accounts are read one after another", () => {
  const news = newsAfter(row("ann", 20));
  news.take([row("ann", 20), row("ben", 15)]);
  assert.equal(idsOf(news), "ben");
});

test("what only moves up into a full window because others left is no news", () => {
  const full = Array.from({ length: WINDOW }, (_, n) => row(`r${n}`, 1_000 - n));
  const news = newsAfter(...full);
  news.take([...full.slice(1), row("older", 900)]);
  assert.equal(idsOf(news), "");
  news.take([row("new", 2_000), ...full.slice(1)]);
  assert.equal(idsOf(news), "new");
});

test("our own answer and what calls for nobody are no news", () => {
  const news = newsAfter(row("ann", 20));
  news.take([row("ann", 30, false), row("likes", 40, false)]);
  assert.equal(idsOf(news), "");
});

test("whoever was seen, read or taken out is news no more", () => {
  const news = newsAfter();
  news.take([row("ann", 20), row("ben", 10), row("carl", 5)]);
  news.see(["ann", "nobody"]);
  assert.equal(idsOf(news), "ben carl");
  news.take([row("ann", 20), row("ben", 10, false)]);
  assert.equal(idsOf(news), "");
});

test("another list begins anew", () => {
  const news = newsAfter(row("ann", 20));
  news.take([row("ben", 30)]);
  news.begin([row("ben", 30), row("dan", 5)]);
  assert.equal(idsOf(news), "");
});

test("the attribute of a list without rows is empty", () => {
  assert.deepEqual(parseNewest(""), []);
  assert.deepEqual(parseNewest(undefined), []);
  assert.deepEqual(parseNewest('[["a b",5,true]]'), [["a b", 5, true]]);
});
