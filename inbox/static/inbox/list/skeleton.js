// @ts-check
// What stands in the place of the rows while another list comes, if that takes long.
import { find } from "../page/dom.js";
import { listPath, on } from "../page/page.js";

const AFTER_MS = 150;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

const skeleton = () => find("skeleton");

export function startSkeleton() {
  on("leaving", (url) => {
    clearTimeout(timer);
    if (!find("rows") || url.pathname !== listPath()) return;
    timer = setTimeout(() => skeleton()?.removeAttribute("hidden"), AFTER_MS);
  });
}

export function hideSkeleton() {
  clearTimeout(timer);
  skeleton()?.setAttribute("hidden", "");
}
