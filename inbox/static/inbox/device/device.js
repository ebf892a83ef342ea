// The settings of this device, on the page of whoever is signed in. They count at once, in every window.
import { settings } from "./settings.js";
import { chime } from "../notices/sound.js";
import { say } from "../words/words.js";

const NAMES = { letters: "letters", sound: "sound", notices: "notices", "notice-text": "noticeText" };
const CHOICES = { density: "comfortable", reading: "open" };

const box = (name) => document.querySelector(`[data-setting="${name}"]`);

export function startDevice() {
  if (!box("sound")) return;
  document.getElementById("insecure").hidden = isSecureContext;
  for (const name of Object.keys(NAMES)) box(name).addEventListener("change", () => change(name, box(name).checked));
  for (const button of document.querySelectorAll("[data-choice]")) {
    button.addEventListener("click", () => {
      localStorage.setItem(button.dataset.choice, button.value);
      show();
    });
  }
  addEventListener("storage", show);
  show();
}

async function change(name, isOn) {
  const wanted = name === "notices" && isOn ? await mayNotify() : isOn;
  localStorage.setItem(name, wanted ? "on" : "off");
  if (name === "sound" && wanted) chime();
  show();
}

/** Asks whoever sits there, if the browser has not asked before. */
async function mayNotify() {
  if (!canNotify()) return false;
  const answer = Notification.permission === "default" ? await Notification.requestPermission() : Notification.permission;
  return answer === "granted";
}

const canNotify = () => isSecureContext && "Notification" in window;

function show() {
  const isDenied = canNotify() && Notification.permission === "denied";
  const trouble = document.getElementById("notices-trouble");
  trouble.hidden = !isDenied;
  trouble.textContent = isDenied ? say("notices_denied") : "";
  for (const [name, property] of Object.entries(NAMES)) box(name).checked = settings[property];
  if (!canNotify() || Notification.permission !== "granted") box("notices").checked = false;
  box("notices").disabled = !canNotify();
  box("notice-text").disabled = !box("notices").checked;
  for (const button of document.querySelectorAll("[data-choice]")) {
    const chosen = localStorage.getItem(button.dataset.choice) ?? CHOICES[button.dataset.choice];
    button.setAttribute("aria-pressed", String(chosen === button.value));
  }
}
