// @ts-check
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { heldPaths, renewBy, sendHeld, write } from "../../../inbox/static/inbox/api/api.js";
import { isForbidden, isStale, Refused } from "../../../inbox/static/inbox/api/failures.js";

const STALE = { status_msg: "CSRF Failed: CSRF token from the 'X-Csrftoken' HTTP header incorrect." };
const dataset = { csrf: "old" };
/** @type {string[]} the tokens that came with writes */
let tokens = [];

Object.assign(globalThis, { document: { body: { dataset } } });

/**
 * The hub takes writes with the token "new" only.
 * @param {string} address
 * @param {{headers: Record<string, string>}} asked
 */
async function hub(address, { headers }) {
  tokens.push(headers["X-CSRFToken"] ?? "");
  const isGood = headers["X-CSRFToken"] === "new";
  return new Response(JSON.stringify(isGood ? { data: address } : STALE), { status: isGood ? 200 : 403 });
}

beforeEach(() => {
  Object.assign(globalThis, { fetch: hub });
  dataset.csrf = "old";
  tokens = [];
});

test("what is refused because another window signed in is sent again with the new token", async () => {
  renewBy(async () => {
    dataset.csrf = "new";
    return "renewed";
  });
  assert.equal(await write("POST", "saved-replies", {}), "/api/im/saved-replies");
  assert.deepEqual(tokens, ["old", "new"]);
});

test("what is refused because nobody is signed in any more waits for the sign-in", async () => {
  renewBy(async () => "signed out");
  const written = write("POST", "saved-replies", {});
  while (!heldPaths().length) await new Promise((resolve) => setTimeout(resolve));
  assert.deepEqual(heldPaths(), ["saved-replies"]);
  dataset.csrf = "new";
  sendHeld();
  assert.equal(await written, "/api/im/saved-replies");
});

test("a token that does not get better is refused once more, and not for ever", async () => {
  renewBy(async () => "renewed");
  await assert.rejects(write("PUT", "conversations/a/read"), (error) => isStale(error) && !isForbidden(error));
  assert.deepEqual(tokens, ["old", "old"]);
  renewBy(async () => "unknown");
  await assert.rejects(write("PUT", "conversations/a/read"), isStale);
});

test("an account that one may only read is no stale session", () => {
  assert.ok(!isStale(new Refused(403, "This account may only be read")));
  assert.ok(isForbidden(new Refused(403, "This account may only be read")));
});
