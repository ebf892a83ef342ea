// @ts-check
// The address of what a search form asks for.

/**
 * Return the list as it opens when nothing is searched for: with its accounts, in its first tab.
 * @param {string} action
 * @param {[string, string][]} fields
 */
export function searchAddress(action, fields) {
  const url = new URL(action);
  const isEmpty = !fields.some(([name, value]) => name === "q" && value.trim());
  for (const [name, value] of fields) {
    if (!value || (isEmpty && (name === "q" || name === "tab"))) continue;
    url.searchParams.append(name, name === "q" ? value.trim() : value);
  }
  return url.href;
}
