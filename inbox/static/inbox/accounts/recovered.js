// @ts-check
// An account that was away is back: told once, with what came in from the gap.
import { all, needIn } from "../page/dom.js";
import { on } from "../page/page.js";
import { toast } from "../page/toast.js";
import { say } from "../words/words.js";

/** @import {EventFrame, ResetFrame} from "../api/shapes.js" */

const AWAY = new Set(["login", "worker", "error", "page", "stale"]);
const GATHER_MS = 2_000;
/** @type {Map<string, {n: number, m: number, isBack: boolean}>} account -> items and unread ones since it is away */
const away = new Map();

export function startRecovered() {
  compare(document);
  on("read", compare);
}

/** @param {EventFrame | ResetFrame} frame */
export function heardOf(frame) {
  const counts = away.get(frame.account);
  if (!counts || frame.type === "reset" || !/^(message|discussion|notification)\.created$/.test(frame.kind)) return;
  counts.n += 1;
  if (frame.data.is_read === false && frame.data.direction !== "outbound") counts.m += 1;
}

/** @param {Document} source */
function compare(source) {
  for (const account of all(source, "#rail .account")) {
    const { account: id = "", kind = "" } = account.dataset;
    const counts = away.get(id);
    if (AWAY.has(kind)) away.set(id, { n: 0, m: 0, ...counts, isBack: false });
    else if (counts && kind === "fresh" && !counts.isBack) {
      counts.isBack = true;
      const name = needIn(account, ".name").textContent;
      setTimeout(() => tell(id, name), GATHER_MS);
    }
  }
}

/**
 * @param {string} id
 * @param {string} name
 */
function tell(id, name) {
  const counts = away.get(id);
  if (!counts?.isBack) return;
  away.delete(id);
  toast(say("back", { account: name, n: counts.n, m: counts.m }));
}
