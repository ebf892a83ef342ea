// @ts-check
// Marks everything that the view shows as read, after asking.
import { read, write } from "../api/api.js";
import { find, need, needIn } from "../page/dom.js";
import { refresh } from "../page/page.js";
import { progress, toast } from "../page/toast.js";
import { say } from "../words/words.js";
import { letMove } from "./list.js";
import { follow, isByRow, planByAccount, planByRow } from "./mark_plan.js";
import { loadRows } from "./paging.js";
import { box, nextPage, rows } from "./shown.js";

/** @import {Counts, MarkedMany} from "../api/shapes.js" */
/** @import {Call} from "../api/calls.js" */
/** @import {Plan} from "./mark_plan.js" */

const MOST_ROWS = 2_000; // as many are marked one by one; whoever has more does it again

export async function askToMarkAll() {
  const dialog = find("mark-all", HTMLDialogElement);
  if (!dialog || !rows().length) return;
  const plan = await makePlan();
  if (!plan.total) {
    toast(say("nothing_unread"));
    return;
  }
  needIn(dialog, "#mark-all-asks").textContent = say("mark_all", { n: plan.total });
  needIn(dialog, "#mark-all-view").textContent = need("list-head").dataset.view ?? "";
  dialog.returnValue = "";
  dialog.addEventListener("close", () => dialog.returnValue === "yes" && run(plan), { once: true });
  dialog.showModal();
}

async function makePlan() {
  const query = new URLSearchParams(box().dataset.list); // with the kind that the device remembers
  if (isByRow(query)) return planRows();
  const before = Math.max(...rows().map((row) => Number(row.dataset.time ?? 0)));
  const chosen = encodeURIComponent(query.get("account") ?? "all");
  const stats = await read(`unified-messages/stats?account_id=${chosen}`);
  const { accounts = {} } = /** @type {{accounts?: Record<string, Counts>}} */ (stats ?? {});
  return planByAccount(query, accounts, before);
}

/** Look on while all unread rows so far are muted, likes or follows: what counts may stand further down. */
async function planRows() {
  for (let most = MOST_ROWS; ; most += MOST_ROWS) {
    await loadRows(most);
    const plan = planByRow(rows().map((row) => row.dataset));
    if (plan.total || !nextPage() || rows().length < most) return plan;
  }
}

/** @param {Plan} plan */
async function run(plan) {
  const { total } = plan;
  const bar = progress(say("stop"));
  let done = 0;
  const send = async (/** @type {Call} */ call) => {
    bar.show(say("marking", { done, total }), done / total);
    return /** @type {Partial<MarkedMany>} */ (await write(...call));
  };
  try {
    for await (const count of follow(plan, send)) {
      done += count;
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
