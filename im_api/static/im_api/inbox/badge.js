// What is heard and seen of arrivals outside the list: one sentence for those who do not see, the dot in the tab.
import { on } from "./page.js";
import { say } from "./words.js";

const EVERY_MS = 5_000;
let unread = null;
let told = 0;

const count = () => Number(document.getElementById("unread-all")?.textContent ?? 0);

export function startBadge() {
  unread = count();
  dot();
  on("read", () => {
    const now = count();
    if (now > unread && Date.now() - told > EVERY_MS) {
      told = Date.now();
      document.getElementById("heard").textContent = say("heard", { n: now - unread });
    }
    unread = now;
    dot();
  });
}

function dot() {
  const link = document.querySelector('link[rel="icon"]');
  const wanted = link.href.replace(/icon(-new)?\.svg/, document.title.startsWith("(") ? "icon-new.svg" : "icon.svg");
  if (link.href !== wanted) link.href = wanted;
}
