// @ts-check
// What was in sight for a second, in a window that somebody looks at, is read.
import { write } from "../api/api.js";
import { Refused } from "../api/failures.js";
import { settings } from "../device/settings.js";
import { all, find, needIn } from "../page/dom.js";
import { on, refresh } from "../page/page.js";

const AFTER_MS = 1_000;
/** @type {Set<string>} marked unread by hand: looking at it goes on without reading it */
const leftUnread = new Set();
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
let refused = false;

export function startReading() {
  for (const name of ["visibilitychange", "focus", "blur"]) addEventListener(name, plan, true);
  document.addEventListener("scroll", plan, { passive: true, capture: true });
  document.addEventListener("left-unread", (event) => {
    const ids = event instanceof CustomEvent ? /** @type {string[]} */ (event.detail) : [];
    for (const id of ids) leftUnread.add(id);
  });
  on("read", plan);
  plan();
}

function plan() {
  clearTimeout(timer);
  const open = find("work");
  if (open?.dataset.mayWrite !== "true" || refused || settings.readsByHand) return;
  if (document.visibilityState !== "visible" || !document.hasFocus()) return;
  const seen = inSight(open);
  if (seen.length) timer = setTimeout(() => mark(open, seen), AFTER_MS);
}

/** @param {HTMLElement} open */
function inSight(open) {
  const frame = needIn(open, "#comments").getBoundingClientRect();
  return all(open, "[data-comment][data-unread]").filter((comment) => {
    const { top, bottom } = comment.getBoundingClientRect();
    return bottom > frame.top && top < frame.bottom && !leftUnread.has(comment.dataset.comment ?? "");
  });
}

/**
 * @param {HTMLElement} open
 * @param {HTMLElement[]} comments
 */
async function mark(open, comments) {
  if (open !== find("work")) return;
  const ids = comments.filter((one) => one.isConnected && one.dataset.unread).map((one) => one.dataset.comment);
  if (!ids.length) return;
  try {
    await write("PUT", "unified-messages/read-many", { account_id: open.dataset.account, message_ids: ids });
    refresh();
  } catch (error) {
    refused = error instanceof Refused;
  }
}
