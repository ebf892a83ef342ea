// What is seen and heard of arrivals outside the list: the mark in the tab, one sentence for those who do not see.
import { on } from "./page.js";
import { say } from "../words/words.js";

const EVERY_MS = 5_000;
let unread = null;
let told = 0;
let isLost = false;

const count = () => Number(document.getElementById("unread-all")?.textContent ?? 0);

export function startBadge() {
  unread = count();
  mark();
  on("read", () => {
    const now = count();
    if (now > unread && Date.now() - told > EVERY_MS) {
      told = Date.now();
      document.getElementById("heard").textContent = say("heard", { n: now - unread });
    }
    unread = now;
    mark();
  });
}

/** A grey ring while the hub is away. */
export function ring(value) {
  if (isLost === value) return;
  isLost = value;
  mark();
}

/** A dot as long as the title has a number. */
function mark() {
  const link = document.querySelector('link[rel="icon"]');
  const name = isLost ? "icon-lost.svg" : document.title.startsWith("(") ? "icon-new.svg" : "icon.svg";
  const wanted = link.href.replace(/icon(-\w+)?\.svg/, name);
  if (link.href !== wanted) link.href = wanted;
}
