// @ts-check
// An account that was away is back: told once, with what came in from the gap.
import { all, needIn } from "../page/dom.js";
import { on } from "../page/page.js";
import { toast } from "../page/toast.js";
import { isolate } from "../words/foreign.js";
import { say } from "../words/words.js";

/** @import {EventFrame, ResetFrame, SeenAt} from "../api/shapes.js" */

const AWAY = new Set(["login", "worker", "error", "page", "stale"]);
const GATHER_MS = 2_000;
/**
 * @typedef {object} Absence
 * @property {number} n items since it is away
 * @property {number} m unread ones of them
 * @property {number} seen when it was last read before, ms by the hub's clock
 * @property {string} name
 * @property {boolean} isFresh whether the page shows it as fresh again
 * @property {boolean} isTold whether that it is back is about to be told
 */
/** @type {Map<string, Absence>} by account */
const away = new Map();

export function startRecovered() {
  compare(document);
  on("read", compare);
}

/** @param {EventFrame | ResetFrame} frame */
export function heardOf(frame) {
  const absence = away.get(frame.account);
  if (!absence || frame.type === "reset" || !/^(message|discussion|notification)\.created$/.test(frame.kind)) return;
  absence.n += 1;
  if (frame.data.is_read === false && frame.data.direction !== "outbound") absence.m += 1;
}

/**
 * Take over what the hub pushed.
 * @param {SeenAt} accounts
 */
export function heardLooks(accounts) {
  for (const [id, absence] of away) if (absence.isFresh) tellIfRead(id, absence, accounts[id]?.messages ?? 0);
}

/** @param {Document} source */
function compare(source) {
  for (const account of all(source, "#rail .account")) {
    const { account: id = "", kind = "" } = account.dataset;
    const seen = Number(account.dataset.seen ?? 0);
    const absence = away.get(id);
    if (AWAY.has(kind) || (kind === "retrying" && account.classList.contains("act"))) {
      const name = needIn(account, ".name").textContent;
      away.set(id, { n: 0, m: 0, ...absence, seen, name, isFresh: false, isTold: false });
    } else if (absence && kind === "fresh") {
      absence.isFresh = true;
      tellIfRead(id, absence, seen);
    }
  }
}

/**
 * The first look after the gap brings what was missed: before it there is nothing to count.
 * @param {string} id
 * @param {Absence} absence
 * @param {number} seen ms
 */
function tellIfRead(id, absence, seen) {
  if (absence.isTold || seen <= absence.seen) return;
  absence.isTold = true;
  setTimeout(() => tell(id), GATHER_MS);
}

/** @param {string} id */
function tell(id) {
  const absence = away.get(id);
  if (!absence?.isTold) return;
  away.delete(id);
  toast(say("back", { account: isolate(absence.name), n: absence.n, m: absence.m }));
}
