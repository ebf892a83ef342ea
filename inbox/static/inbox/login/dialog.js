// @ts-check
// The login of an account, in the dialog or on its own page: follows how it stands, and sends what is typed.
import { post } from "../api/forms.js";
import { copyText } from "../page/clipboard.js";
import { all, around, find } from "../page/dom.js";
import { morphById } from "../page/morph.js";
import { load } from "../page/page.js";
import { toast } from "../page/toast.js";
import { say } from "../words/words.js";
import { tickSeconds } from "./seconds.js";

const EVERY_MS = 3_000; // the hub tells by itself; this is for a window that it cannot tell
const TICK_MS = 1_000;
const clockAhead = Date.now() - Number(document.body.dataset.now || Date.now());

const state = () => find("login-state");

/** Begin the login that was just shown: whoever opened the dialog wants the code. */
export function loginShown() {
  const begin = state()?.querySelector("form[data-begin]");
  if (begin instanceof HTMLFormElement) send(begin);
}

/**
 * How the login of an account stands has changed.
 * @param {string} account
 */
export function heardLogin(account) {
  if (state()?.dataset.loginOf === account) renew();
}

export function startLogin() {
  document.addEventListener("submit", (event) => {
    const form = around(event, "form[data-login]", HTMLFormElement);
    if (!form) return;
    event.preventDefault();
    send(form);
  });
  document.addEventListener("click", (event) => {
    if (around(event, "[data-copy-link]")) copyText(find("login-link")?.querySelector("input")?.value ?? "");
    else if (around(event, "[data-show-code]")) {
      for (const place of all(document, "#form-dialog, .form-card")) place.classList.add("shows-code");
    }
  });
  setInterval(() => tickSeconds(document, Date.now() - clockAhead), TICK_MS);
  setInterval(() => {
    if (state()?.dataset.waits !== undefined) renew();
  }, EVERY_MS);
}

async function renew() {
  const path = state()?.dataset.path;
  if (!path) return;
  try {
    show(await load(path), false);
  } catch {
    // the next look, or the hub's next word, comes by itself
  }
}

/** @param {HTMLFormElement} form */
async function send(form) {
  try {
    const answer = await post(form);
    const source = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (source.getElementById("login-state")) show(source, true);
    else toast(say(answer.status === 403 ? "not_allowed" : "not_reached"));
  } catch {
    toast(say("not_reached"));
  }
}

/**
 * @param {Document} source
 * @param {boolean} isAnswer the link that was made stays until the dialog is closed
 */
function show(source, isAnswer) {
  const before = state()?.dataset.state;
  for (const id of ["login-state", "login-foot"]) morphById(source, id);
  if (isAnswer || state()?.dataset.waits === undefined) morphById(source, "login-link");
  if (before !== "code_required") find("login-code", HTMLInputElement)?.focus();
}
