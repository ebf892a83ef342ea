// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { Drafts } from "../../../inbox/static/inbox/answering/drafts.js";

/** As a browser keeps it. */
class Device {
  /** @type {Map<string, string>} */
  #kept = new Map();
  get length() {
    return this.#kept.size;
  }
  key = (/** @type {number} */ index) => [...this.#kept.keys()][index] ?? null;
  getItem = (/** @type {string} */ key) => this.#kept.get(key) ?? null;
  setItem = (/** @type {string} */ key, /** @type {string} */ value) => this.#kept.set(key, value);
  removeItem = (/** @type {string} */ key) => this.#kept.delete(key);
  clear = () => this.#kept.clear();
}

const DAY = 86_400_000;
const device = () => /** @type {Storage} */ (/** @type {unknown} */ (new Device()));
const at = (/** @type {string} */ target, account = "roses") => ({ account, key: "conversation_id", target });
const draft = (/** @type {string} */ text, when = 0) => ({ text, basedOn: "m1", answer: "", at: when });

test("a draft is there again, for whoever began it and nobody else on this device", () => {
  const storage = device();
  new Drafts(storage, "mei").put(at("conv 1"), draft("有的"));
  assert.deepEqual(new Drafts(storage, "mei").get(at("conv 1")), draft("有的"));
  for (const other of ["owner", "mei conv", "me", ""]) {
    assert.equal(new Drafts(storage, other).get(at("conv 1")), null);
    assert.equal(new Drafts(storage, other).places().size, 0);
  }
  assert.equal(new Drafts(storage, "mei").get(at("conv 1", "tea")), null);
});

test("the list is told where something was begun; what is emptied or dropped is nowhere", () => {
  const drafts = new Drafts(device(), "梅");
  drafts.put(at("conv 1"), draft("有的"));
  drafts.put(at("conv/2", "tea"), draft("没有"));
  assert.deepEqual([...drafts.places()].sort(), ["roses conv 1", "tea conv/2"]);
  drafts.put(at("conv 1"), draft("  \n"));
  drafts.drop(at("conv/2", "tea"));
  assert.equal(drafts.places().size, 0);
});

test("old ones go, and the oldest of too many; other things of the device stay", () => {
  const storage = device();
  storage.setItem("density", "compact");
  const drafts = new Drafts(storage, "mei");
  const now = 100 * DAY;
  drafts.put(at("old"), draft("旧", now - 31 * DAY));
  for (let n = 0; n < 205; n += 1) drafts.put(at(`c${n}`), draft("新", now - n));
  drafts.prune(now);
  assert.equal(drafts.get(at("old")), null);
  assert.equal(drafts.places().size, 200);
  assert.equal(drafts.get(at("c204")), null);
  assert.equal(drafts.get(at("c0"))?.text, "新");
  assert.equal(storage.getItem("density"), "compact");
});

test("what stands there and is no draft is none", () => {
  const storage = device();
  storage.setItem("draft mei roses conversation_id broken", "{");
  storage.setItem("draft mei roses conversation_id other", "5");
  const drafts = new Drafts(storage, "mei");
  assert.equal(drafts.get(at("broken")), null);
  assert.equal(drafts.get(at("other")), null);
});

test("what another window of this person made of a draft is told for its place, and for no other", () => {
  const storage = device();
  /** @type {[string, string | null][]} */
  const kept = [];
  storage.setItem = (key, value) => kept.push([key, value]);
  const drafts = new Drafts(storage, "mei");
  drafts.put(at("conv 1"), draft(" 有的 "));
  const [key = "", newValue = null] = kept[0] ?? [];
  const began = { key, oldValue: null, newValue };
  assert.deepEqual(drafts.changeAt(at("conv 1"), began), { before: "", after: " 有的 " });
  assert.deepEqual(drafts.changeAt(at("conv 1"), { key, oldValue: newValue, newValue: null }), {
    before: "有的",
    after: "",
  });
  assert.equal(drafts.changeAt(at("conv 2"), began), null);
  assert.equal(drafts.changeAt(at("conv 1"), { ...began, key: null }), null);
  assert.equal(new Drafts(storage, "lan").changeAt(at("conv 1"), began), null);
});

test("a device without room leaves the field as it is", () => {
  const storage = device();
  storage.setItem = () => {
    throw new Error("quota");
  };
  new Drafts(storage, "mei").put(at("c"), draft("有的"));
});
