// One sentence at the lower edge, with at most one button; it waits while a hand or the focus is on it.
const STAYS_MS = 8_000;
let current = null;

export function toast(text, button) {
  current?.close();
  const element = Object.assign(document.createElement("div"), { className: "toast" });
  element.append(Object.assign(document.createElement("span"), { textContent: text }));
  const mine = { act: button?.act, close };
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
    const press = Object.assign(document.createElement("button"), { type: "button", textContent: button.text });
    press.addEventListener("click", () => act(mine));
    element.append(press);
  }
  for (const name of ["pointerenter", "focusin"]) element.addEventListener(name, () => clearTimeout(timer));
  for (const name of ["pointerleave", "focusout"]) element.addEventListener(name, wait);
  document.getElementById("toasts").append(element);
  current = mine;
  wait();
}

function act(one) {
  one.close();
  one.act?.();
}

/** A sentence with a bar, which stays until it is closed. Its button sets `stopped`. */
export function progress(stop) {
  current?.close();
  const element = Object.assign(document.createElement("div"), { className: "toast" });
  const text = document.createElement("span");
  const bar = Object.assign(document.createElement("progress"), { max: 1, value: 0 });
  const press = Object.assign(document.createElement("button"), { type: "button", textContent: stop });
  element.append(text, bar, press);
  document.getElementById("toasts").append(element);
  const mine = {
    stopped: false,
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
