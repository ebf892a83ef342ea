// @ts-check
// One sentence at the lower edge, with at most one button; it waits while a hand or the focus is on it.
import { find, make, need } from "./dom.js";

/**
 * @typedef {{text: string, act: () => void}} Button
 * @typedef {{act: (() => void) | undefined, close: () => void}} Shown
 */

const STAYS_MS = 8_000;
/** @type {Shown | null} */
let current = null;

/**
 * @param {string} text
 * @param {Button} [button]
 */
export function toast(text, button) {
  current?.close();
  const element = make("div", { className: "toast" });
  element.append(make("span", { textContent: text }));
  const mine = { act: button?.act, close };
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  function close() {
    clearTimeout(timer);
    element.remove();
    if (current === mine) current = null;
  }
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(close, STAYS_MS);
  };
  if (button) {
    const press = make("button", { type: "button", textContent: button.text });
    press.addEventListener("click", () => act(mine));
    element.append(press);
  }
  for (const name of ["pointerenter", "focusin"]) element.addEventListener(name, () => clearTimeout(timer));
  for (const name of ["pointerleave", "focusout"]) element.addEventListener(name, wait);
  need("toasts").append(element);
  stayClear();
  current = mine;
  wait();
}

/** What stands over the page stays above the answer bar, and in the middle of the pane that it belongs to. */
export function stayClear() {
  const stack = need("over-page");
  const answer = document.querySelector("#thread .answer")?.getBoundingClientRect();
  const pane = find("main")?.getBoundingClientRect();
  stack.style.setProperty("--clear", answer?.height ? `${Math.ceil(innerHeight - answer.top)}px` : "0px");
  stack.style.setProperty("--middle", pane?.width ? `${Math.round(pane.left + pane.width / 2)}px` : "50%");
}

/** @param {Shown} one */
function act(one) {
  one.close();
  one.act?.();
}

/**
 * Show a sentence with a bar, which stays until it is closed. Its button sets `stopped`.
 * @param {string} stop what stands on the button
 */
export function progress(stop) {
  current?.close();
  const element = make("div", { className: "toast" });
  const text = make("span");
  const bar = make("progress", { max: 1, value: 0 });
  const press = make("button", { type: "button", textContent: stop });
  element.append(text, bar, press);
  need("toasts").append(element);
  stayClear();
  const mine = {
    stopped: false,
    /**
     * @param {string} words
     * @param {number} part 0 to 1
     */
    show(words, part) {
      text.textContent = words;
      bar.value = part;
    },
    close: () => element.remove(),
  };
  press.addEventListener("click", () => {
    mine.stopped = true;
  });
  return mine;
}

/** What the button of the shown toast does: the undo key. */
export function undo() {
  if (current?.act) act(current);
}
