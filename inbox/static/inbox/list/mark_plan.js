// @ts-check
// Which writes mark a whole view as read. Pure.
import { readsOf } from "../api/calls.js";

/** @import {Call} from "../api/calls.js" */
/** @import {Counts, MarkedMany} from "../api/shapes.js" */

/**
 * A write; `count`: how many items it marks, undefined if its answer says so.
 * @typedef {{call: Call, count?: number}} Step
 * @typedef {{total: number, steps: Step[]}} Plan
 */

const ONLY_HERE = ["q", "pinned", "muted", "group", "people", "strangers"]; // filters that the hub cannot mark by
const MOST_IDLE = 100; // writes that mark nothing that counts
/** @type {Record<string, string[]>} */
const KINDS = {
  direct_message: ["direct_message"],
  comment: ["comment", "discussion"],
  notification: ["notification"],
};
/** @type {Record<string, keyof Counts>} */
const COUNTED = {
  direct_message: "unread_direct_messages",
  comment: "unread_comments",
  discussion: "unread_discussions",
  notification: "unread_notifications",
};

/**
 * Tell whether the rows of a view must be marked one by one.
 * @param {URLSearchParams} query of its address
 */
export function isByRow(query) {
  return (query.get("tab") ?? "wait") === "wait" || ONLY_HERE.some((name) => query.get(name));
}

/**
 * Return the plan for a view that the hub can mark by account and kind, up to the newest item in it: what comes later
 * stays unread.
 * @param {URLSearchParams} query of its address
 * @param {Record<string, Counts>} accounts what is unread
 * @param {number} before ms UTC
 * @returns {Plan}
 */
export function planByAccount(query, accounts, before) {
  const kind = query.get("kind");
  const types = KINDS[kind ?? ""] ?? Object.values(KINDS).flat();
  const unread = Object.entries(accounts).map(([account_id, counts]) => {
    const count = types.reduce((sum, type) => sum + (counts[COUNTED[type] ?? "unread_comments"] ?? 0), 0);
    return { account_id, count };
  });
  return {
    total: unread.reduce((sum, { count }) => sum + count, 0),
    steps: unread
      .filter(({ count }) => count)
      .map(({ account_id }) => ({ call: ["PUT", "unified-messages/read-many", { account_id, before, types }] })),
  };
}

/**
 * Return the plan for rows that are marked one by one. Muted rows, likes and follows are read too, but counted nowhere.
 * @param {DOMStringMap[]} rows their data attributes
 * @returns {Plan}
 */
export function planByRow(rows) {
  const unread = rows.filter((one) => one.unread !== "0" && (one.route || one.unreadIds) && one.mayWrite === "true");
  const steps = unread.flatMap((one) => {
    const count = one.calls === "false" ? 0 : Number(one.unread);
    return readsOf(one).map((call, index) => ({ call, count: index ? 0 : count }));
  });
  return { total: steps.reduce((sum, { count }) => sum + count, 0), steps };
}

/**
 * Send the writes of a plan one after another, each as often as its answer says that not all is marked. Yield after each
 * how many items it marked. A write marks so many at most, and all of them may be muted, likes or follows, which count
 * nowhere: then it is sent again, but not for ever.
 * @param {Plan} plan
 * @param {(call: Call) => Promise<Partial<MarkedMany>>} send
 */
export async function* follow({ steps }, send) {
  for (const { call, count } of steps) {
    let idle = 0;
    let isComplete = false;
    while (!isComplete && idle < MOST_IDLE) {
      const answer = await send(call);
      const marked = count ?? answer.marked_count ?? 0;
      isComplete = answer.complete !== false;
      idle = marked ? 0 : idle + 1;
      yield marked;
    }
  }
}
