// @ts-check
// How high rows are: comfortable or compact, kept per device. A phone's are always comfortable.
import { redraw } from "./list.js";

export function startDensity() {
  apply();
}

export function toggleDensity() {
  localStorage.setItem("density", localStorage.getItem("density") === "compact" ? "comfortable" : "compact");
  apply();
  redraw();
}

function apply() {
  document.documentElement.classList.toggle("compact", localStorage.getItem("density") === "compact");
}
