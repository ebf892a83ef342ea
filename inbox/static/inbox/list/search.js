// @ts-check
// Searches while somebody types, and waits while an input method composes.
import { find } from "../page/dom.js";
import { go, listPath, on } from "../page/page.js";
import { searchAddress } from "./search_address.js";

const PAUSE_MS = 250;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

export function startSearch() {
  document.addEventListener("input", typed);
  document.addEventListener("compositionend", typed);
  on("leaving", () => clearTimeout(timer));
}

/** @param {Event} event */
function typed(event) {
  const field = event.target;
  if (!(field instanceof HTMLInputElement) || field.id !== "q" || !field.form) return;
  clearTimeout(timer);
  if (event instanceof InputEvent && event.isComposing) return;
  const { form } = field;
  timer = setTimeout(() => {
    const isSearching = new URLSearchParams(location.search).has("q");
    go(addressOf(form), { replace: isSearching });
  }, PAUSE_MS);
}

/** Show the list as it opens; what is open beside it stays open. */
export function clearSearch() {
  const field = find("q", HTMLInputElement);
  if (!field?.form) return go(listPath());
  field.value = "";
  return go(addressOf(field.form));
}

/** @param {HTMLFormElement} form */
function addressOf(form) {
  /** @type {[string, string][]} */
  const fields = [...new FormData(form)].map(([name, value]) => [name, String(value)]);
  return searchAddress(form.action, fields, location.href);
}
