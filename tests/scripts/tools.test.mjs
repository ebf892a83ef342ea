// @ts-check
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { test } from "node:test";

const scripts = globSync("tests/scripts/**/*.mjs");

test("every script asks to be checked by TypeScript", () => {
  const unchecked = scripts.filter((name) => !readFileSync(name, "utf8").startsWith("// @ts-check\n"));
  assert.deepEqual(unchecked, []);
});
