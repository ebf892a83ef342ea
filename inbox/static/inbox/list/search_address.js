// @ts-check
// The address of what a search form asks for.
import { accountIn, listPathOf, placeOf } from "../page/addresses.js";

const OF_WORK = ["show", "by"]; // tab and order of the open work

/**
 * Return the list as it opens when nothing is searched for: with its accounts, in its first tab. What is open beside it
 * stays open.
 * @param {string} action
 * @param {[string, string][]} fields
 * @param {string} here the address of the page
 */
export function searchAddress(action, fields, here) {
  const url = new URL(action);
  const open = new URL(here);
  if (placeOf(open.pathname) === placeOf(url.pathname) && open.pathname !== listPathOf(open.pathname)) {
    url.pathname = open.pathname;
    url.search = accountIn(open);
    for (const name of OF_WORK) {
      const value = open.searchParams.get(name);
      if (value) url.searchParams.set(name, value);
    }
  }
  const isEmpty = !fields.some(([name, value]) => name === "q" && value.trim());
  for (const [name, value] of fields) {
    if (!value || (isEmpty && (name === "q" || name === "tab"))) continue;
    url.searchParams.append(name, name === "q" ? value.trim() : value);
  }
  return url.href;
}
