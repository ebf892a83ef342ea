// @ts-check
// The page of a link to a login code: nobody is signed in, so it looks again by itself.
import { find } from "../page/dom.js";
import { morphById } from "../page/morph.js";
import { tickSeconds } from "./seconds.js";

const EVERY_MS = 2_000;
const TICK_MS = 1_000;

async function renew() {
  if (find("login-state")?.dataset.waits === undefined) return;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    const source = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (source.getElementById("login-state")) morphById(source, "login-state");
    else location.reload();
  } catch {
    // without a network the next look comes by itself
  }
}

setInterval(renew, EVERY_MS);
setInterval(() => tickSeconds(document, Date.now()), TICK_MS);
