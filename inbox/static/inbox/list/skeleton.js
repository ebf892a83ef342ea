// What stands in the place of the rows while another list comes, if that takes long.
import { listPath, on } from "../page/page.js";

const AFTER_MS = 150;
let timer;

const skeleton = () => document.getElementById("skeleton");

export function startSkeleton() {
  on("leaving", (url) => {
    clearTimeout(timer);
    if (!document.getElementById("rows") || url.pathname !== listPath()) return;
    timer = setTimeout(() => skeleton()?.removeAttribute("hidden"), AFTER_MS);
  });
}

export function hideSkeleton() {
  clearTimeout(timer);
  skeleton()?.setAttribute("hidden", "");
}
