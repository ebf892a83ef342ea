// @ts-check
// The kind of rows that somebody chose is what this device opens with the next time.
import { around } from "../page/dom.js";

const YEAR_S = 365 * 24 * 3600;

export function startKinds() {
  document.addEventListener("click", (event) => {
    const kind = around(event, "#kinds a")?.dataset.kind;
    if (kind) remember(kind);
  });
}

/** @param {string} kind */
function remember(kind) {
  const secure = location.protocol === "https:" ? "; secure" : "";
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API wants https, which a hub at home has not
  document.cookie = `imhub_kind=${kind}; path=/; max-age=${YEAR_S}; samesite=lax${secure}`;
}
