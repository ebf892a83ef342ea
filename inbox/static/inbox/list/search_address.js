// @ts-check
// The address of what a search form asks for.

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
  if (/^\/(c|d)\//.test(open.pathname)) {
    url.pathname = open.pathname;
    const account = open.searchParams.get("account_id");
    if (account) url.searchParams.set("account_id", account);
  }
  const isEmpty = !fields.some(([name, value]) => name === "q" && value.trim());
  for (const [name, value] of fields) {
    if (!value || (isEmpty && (name === "q" || name === "tab"))) continue;
    url.searchParams.append(name, name === "q" ? value.trim() : value);
  }
  return url.href;
}
