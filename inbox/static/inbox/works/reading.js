// What was in sight for a second, in a window that somebody looks at, is read.
import { Refused, write } from "../api/api.js";
import { on, refresh } from "../page/page.js";
import { settings } from "../device/settings.js";

const AFTER_MS = 1_000;
const leftUnread = new Set(); // marked unread by hand: looking at it goes on without reading it
let timer;
let refused = false;

export function startReading() {
  for (const name of ["visibilitychange", "focus", "blur"]) addEventListener(name, plan, true);
  document.addEventListener("scroll", plan, { passive: true, capture: true });
  document.addEventListener("left-unread", ({ detail }) => detail.forEach((id) => leftUnread.add(id)));
  on("read", plan);
  plan();
}

function plan() {
  clearTimeout(timer);
  const open = document.getElementById("work");
  if (!open || open.dataset.mayWrite !== "true" || refused || settings.readsByHand) return;
  if (document.visibilityState !== "visible" || !document.hasFocus()) return;
  const seen = inSight(open);
  if (seen.length) timer = setTimeout(() => mark(open, seen), AFTER_MS);
}

function inSight(open) {
  const frame = open.querySelector("#comments").getBoundingClientRect();
  return [...open.querySelectorAll("[data-comment][data-unread]")].filter((comment) => {
    const { top, bottom } = comment.getBoundingClientRect();
    return bottom > frame.top && top < frame.bottom && !leftUnread.has(comment.dataset.comment);
  });
}

async function mark(open, comments) {
  if (open !== document.getElementById("work")) return;
  const ids = comments.filter((one) => one.isConnected && one.dataset.unread).map((one) => one.dataset.comment);
  if (!ids.length) return;
  try {
    await write("PUT", "unified-messages/read-many", { message_ids: ids });
    refresh();
  } catch (error) {
    refused = error instanceof Refused;
  }
}
