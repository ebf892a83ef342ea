// @ts-check
// The settings of this device, on the page of whoever is signed in. They count at once, in every window.
import { chime } from "../notices/sound.js";
import { all, need, needIn } from "../page/dom.js";
import { say } from "../words/words.js";
import { settings } from "./settings.js";

/** @typedef {"letters" | "sound" | "notices" | "notice-text"} Name */

/** @type {{[name in Name]: keyof typeof settings}} */
const NAMES = { letters: "letters", sound: "sound", notices: "notices", "notice-text": "noticeText" };
const SETTINGS = /** @type {Name[]} */ (Object.keys(NAMES));
/** @type {Record<string, string>} */
const CHOICES = { density: "comfortable", reading: "open", enter: "send" };

/** @param {Name} name */
const box = (name) => needIn(document, `[data-setting="${name}"]`, HTMLInputElement);
const choices = () => all(document, "[data-choice]", HTMLButtonElement);

export function startDevice() {
  if (!document.querySelector("[data-setting]")) return;
  need("insecure").hidden = isSecureContext;
  for (const name of SETTINGS) box(name).addEventListener("change", () => change(name, box(name).checked));
  for (const button of choices()) {
    button.addEventListener("click", () => {
      localStorage.setItem(button.dataset.choice ?? "", button.value);
      show();
    });
  }
  addEventListener("storage", show);
  show();
}

/**
 * @param {Name} name
 * @param {boolean} isOn
 */
async function change(name, isOn) {
  const wanted = name === "notices" && isOn ? await mayNotify() : isOn;
  localStorage.setItem(name, wanted ? "on" : "off");
  if (name === "sound" && wanted) chime();
  show();
}

/** Asks whoever sits there, if the browser has not asked before. */
async function mayNotify() {
  if (!canNotify()) return false;
  const { permission } = Notification;
  return (permission === "default" ? await Notification.requestPermission() : permission) === "granted";
}

const canNotify = () => isSecureContext && "Notification" in window;

function show() {
  const isDenied = canNotify() && Notification.permission === "denied";
  const trouble = need("notices-trouble");
  trouble.hidden = !isDenied;
  trouble.textContent = isDenied ? say("notices_denied") : "";
  for (const name of SETTINGS) box(name).checked = settings[NAMES[name]];
  if (!canNotify() || Notification.permission !== "granted") box("notices").checked = false;
  box("notices").disabled = !canNotify();
  box("notice-text").disabled = !box("notices").checked;
  for (const button of choices()) {
    const name = button.dataset.choice ?? "";
    const chosen = localStorage.getItem(name) ?? CHOICES[name];
    button.setAttribute("aria-pressed", String(chosen === button.value));
  }
}
