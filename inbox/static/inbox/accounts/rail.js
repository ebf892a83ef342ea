// @ts-check
// What no event tells of: a computer that stopped, a page that cannot be read, a grade that got worse, another day.
import { all, find } from "../page/dom.js";
import { load, refresh } from "../page/page.js";

/** @import {SeenAt} from "../api/shapes.js" */

let isAsking = false;

/**
 * Ask how the accounts are, which is a small part of the page, and read the page anew only if it shows something else.
 * @param {SeenAt} seen what the hub just told
 */
export async function checkRail(seen) {
  if (isAsking) return;
  isAsking = true;
  try {
    const source = await load("/", { part: "rail" });
    if (stateOf(source) !== stateOf(document) || isWorkOlder(seen)) refresh();
  } catch {
    refresh(); // it says what is wrong
  } finally {
    isAsking = false;
  }
}

/** @param {Document} source */
function stateOf(source) {
  const rail = find("rail", HTMLElement, source);
  const accounts = rail ? all(rail, ".account") : [];
  const states = accounts.map(({ dataset: { account, kind, unread } }) => [account, kind, unread]);
  return JSON.stringify([rail?.dataset.day, states]);
}

/**
 * The numbers of the open work are as old as it says.
 * @param {SeenAt} seen
 */
function isWorkOlder(seen) {
  const { account = "", numbersAt } = find("work")?.dataset ?? {};
  const at = seen[account]?.contents;
  return Boolean(numbersAt && at && at > Number(numbersAt));
}
