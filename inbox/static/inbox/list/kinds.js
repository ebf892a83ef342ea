// @ts-check
// The kind of rows that somebody chose is what this device opens with the next time.
import { setCookie } from "../device/cookies.js";
import { around } from "../page/dom.js";

export function startKinds() {
  document.addEventListener("click", (event) => {
    const kind = around(event, "#kinds a")?.dataset.kind;
    if (kind) setCookie("imhub_kind", kind);
  });
}
