// @ts-check
// The field above many accounts: those that do not fit are hidden, also after the rail was made new.
import { all, around, find } from "../page/dom.js";
import { on } from "../page/page.js";

export function startRailFilter() {
  document.addEventListener("input", (event) => {
    if (around(event, "#rail-filter")) apply();
  });
  on("read", apply);
}

function apply() {
  const wanted = find("rail-filter", HTMLInputElement)?.value.trim().toLowerCase() ?? "";
  for (const account of all(document, "#rail .account")) {
    account.hidden = !account.title.toLowerCase().includes(wanted);
  }
}
