// Marks everything that the view shows as read, up to the newest item in it: what comes later stays unread.
import { readOf, write } from "../api/api.js";
import { letMove, loadRows, rows } from "./list.js";
import { refresh } from "../page/page.js";
import { progress, toast } from "../page/toast.js";
import { say } from "../words/words.js";

const ONLY_HERE = ["q", "pinned", "muted", "group", "people"]; // filters that the hub cannot mark by
const MOST_ROWS = 2_000; // as many are marked one by one; whoever has more does it again
const KINDS = {
  direct_message: ["direct_message"],
  comment: ["comment", "discussion"],
  notification: ["notification"],
};
const COUNTED = {
  direct_message: "unread_direct_messages",
  comment: "unread_comments",
  discussion: "unread_discussions",
  notification: "unread_notifications",
};

export async function askToMarkAll() {
  const dialog = document.getElementById("mark-all");
  if (!dialog || !rows().length) return;
  const plan = await makePlan();
  if (!plan.total) return toast(say("nothing_unread"));
  dialog.querySelector("#mark-all-asks").textContent = say("mark_all", { n: plan.total });
  dialog.querySelector("#mark-all-view").textContent = document.getElementById("list-head").dataset.view;
  dialog.returnValue = "";
  dialog.addEventListener("close", () => dialog.returnValue === "yes" && run(plan), { once: true });
  dialog.showModal();
}

/** `steps`: each a write that answers how many it marked, and whether it marked all. */
async function makePlan() {
  const query = new URLSearchParams(location.search);
  const tab = query.get("tab") ?? "wait";
  if (tab === "wait" || ONLY_HERE.some((name) => query.get(name))) return planOfRows();
  const kind = query.get("kind");
  const types = kind ? KINDS[kind] : Object.values(KINDS).flat();
  const before = Math.max(...rows().map((row) => Number(row.dataset.time ?? 0)));
  const chosen = query.get("account") ?? "all";
  const answer = await fetch(`/api/im/unified-messages/stats?account_id=${encodeURIComponent(chosen)}`);
  const accounts = (await answer.json()).data?.accounts ?? {};
  const unread = Object.entries(accounts).map(([id, counts]) => [id, types.reduce((sum, type) => sum + counts[COUNTED[type]], 0)]);
  const steps = unread
    .filter(([, count]) => count)
    .map(([account_id]) => ["PUT", "unified-messages/read-many", { account_id, before, types }]);
  return { total: unread.reduce((sum, [, count]) => sum + count, 0), steps };
}

async function planOfRows() {
  await loadRows(MOST_ROWS);
  const facts = rows().map((row) => row.dataset).filter((one) => one.unread !== "0" && (one.route || one.unreadIds));
  const steps = facts.filter((one) => one.mayWrite === "true").map((one) => {
    const [method, path, body] = readOf(one);
    return [method, path, body, Number(one.unread)];
  });
  return { total: steps.reduce((sum, step) => sum + step[3], 0), steps };
}

async function run({ total, steps }) {
  const bar = progress(say("stop"));
  let done = 0;
  try {
    for (const [method, path, body, count] of steps) {
      let answer;
      do {
        bar.show(say("marking", { done, total }), done / total);
        answer = await write(method, path, body);
        done += count ?? answer.marked_count;
      } while (!bar.stopped && answer.complete === false && answer.marked_count);
      if (bar.stopped) break;
    }
    toast(say("marked", { done }));
  } catch {
    toast(say("marked_some", { done, total }), { text: say("try_again"), act: askToMarkAll });
  }
  bar.close();
  letMove();
  refresh();
}
