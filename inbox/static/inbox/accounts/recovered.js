// An account that was away is back: told once, with what came in from the gap.
import { on } from "../page/page.js";
import { toast } from "../page/toast.js";
import { say } from "../words/words.js";

const AWAY = new Set(["login", "worker", "error", "page", "stale"]);
const GATHER_MS = 2_000;
const away = new Map(); // account -> what was heard of it since it is away

export function startRecovered() {
  compare(document);
  on("read", compare);
}

export function heardOf(frame) {
  const counts = away.get(frame.account);
  if (!counts || !/^(message|discussion|notification)\.created$/.test(frame.kind ?? "")) return;
  counts.n += 1;
  if (frame.data.is_read === false && frame.data.direction !== "outbound") counts.m += 1;
}

function compare(source) {
  for (const account of source.querySelectorAll("#rail .account")) {
    const { account: id, kind } = account.dataset;
    const counts = away.get(id);
    if (AWAY.has(kind)) away.set(id, { n: 0, m: 0, ...counts, isBack: false });
    else if (counts && kind === "fresh" && !counts.isBack) {
      counts.isBack = true;
      const name = account.querySelector(".name").textContent;
      setTimeout(() => tell(id, name), GATHER_MS);
    }
  }
}

function tell(id, name) {
  const counts = away.get(id);
  if (!counts?.isBack) return;
  away.delete(id);
  toast(say("back", { account: name, n: counts.n, m: counts.m }));
}
