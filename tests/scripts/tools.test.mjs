// @ts-check
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { test } from "node:test";

const ours = ["*/static/**/*.js", "crawler/**/*.js", "tests/scripts/**/*.mjs"];
const scripts = globSync(ours).filter((name) => !name.includes("vendor"));

test("every script is checked by TypeScript", () => {
  assert.ok(scripts.length > 60);
  const unchecked = scripts.filter((name) => !readFileSync(name, "utf8").startsWith("// @ts-check\n"));
  assert.deepEqual(unchecked, []);
});

test("the checks are switched off nowhere without a reason", () => {
  const silenced = scripts.filter((name) => /@ts-(ignore|nocheck|expect-error)\s*$/m.test(readFileSync(name, "utf8")));
  assert.deepEqual(silenced, []);
});
