// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { firstGrapheme, isolate } from "../../../inbox/static/inbox/words/foreign.js";

test("the letter of a picture is what people take for one character", () => {
  const names = {
    小鱼儿: "小",
    "👩‍🚀 Lin": "👩‍🚀",
    "e\u0301mile": "e\u0301",
    "🇨🇳": "🇨🇳",
    "\u200b\u3164鱼": "鱼",
    "\u3164": "",
  };
  for (const [name, letter] of Object.entries(names)) assert.equal(firstGrapheme(name), letter);
});

test("a name that would turn the sentence around it is isolated, and cannot end that itself", () => {
  assert.equal(isolate("小鱼儿 Lin"), "小鱼儿 Lin");
  assert.equal(isolate("\u202eabc"), "\u2068\u202eabc\u2069");
  assert.equal(isolate("אבג"), "\u2068אבג\u2069");
  assert.equal(isolate("a\u2069\u202eb"), "\u2068a\u202eb\u2069");
  assert.equal(isolate("a\u2067b"), "\u2068a\u2067b\u2069\u2069");
});
