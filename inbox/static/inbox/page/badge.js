// @ts-check
// What is seen and heard of arrivals outside the list: the mark in the tab, one sentence for those who do not see.
import { say } from "../words/words.js";
import { need, needIn } from "./dom.js";
import { on } from "./page.js";

const EVERY_MS = 5_000;
let unread = 0;
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
      need("heard").textContent = say("heard", { n: now - unread });
    }
    unread = now;
    mark();
  });
}

/**
 * Show a grey ring while the hub is away.
 * @param {boolean} value
 */
export function ring(value) {
  if (isLost === value) return;
  isLost = value;
  mark();
}

/** A dot as long as the title has a number. */
function mark() {
  const link = needIn(document, 'link[rel="icon"]', HTMLLinkElement);
  const name = isLost ? "icon-lost.svg" : document.title.startsWith("(") ? "icon-new.svg" : "icon.svg";
  const wanted = link.href.replace(/icon(-\w+)?\.svg/, name);
  if (link.href !== wanted) link.href = wanted;
}
