// Signed out elsewhere: asks for the password over the page, so that what was typed and where somebody was stay.
import { hideNotice, showNotice } from "./banner.js";
import { on } from "./page.js";
import { say } from "../words/words.js";

const ADDRESS = "/login/";
let isOut = false;
const listeners = [];

const dialog = () => document.getElementById("signed-out");
const form = () => dialog().querySelector("[data-sign-in]");

export function startSignIn() {
  form().addEventListener("submit", submit);
  dialog().addEventListener("close", () => isOut && showNotice("signed-out", say("signed_out"), { text: say("sign_in"), act: open }));
  document.addEventListener("visibilitychange", () => isOut && document.visibilityState === "visible" && lookAgain());
  on("read", (source) => {
    take(source);
    if (isOut) signedIn();
  });
}

/** `listener()` when the session is good again. */
export function whenSignedIn(listener) {
  listeners.push(listener);
}

export function signedOut() {
  if (isOut) return;
  isOut = true;
  open();
}

function open() {
  if (dialog().open) return;
  complain("");
  dialog().showModal();
  dialog().querySelector('[name="password"]').focus();
}

function signedIn() {
  isOut = false;
  if (dialog().open) dialog().close();
  hideNotice("signed-out");
  form().reset();
  for (const listener of listeners) listener();
}

async function submit(event) {
  event.preventDefault();
  const button = dialog().querySelector(".primary");
  button.disabled = true;
  try {
    complain(await signIn(new FormData(event.target)));
  } catch {
    complain(say("not_reached"));
  } finally {
    button.disabled = false;
  }
}

/** -> what was wrong with it; empty: nothing. */
async function signIn(fields) {
  const asked = await fetch(ADDRESS);
  if (isElsewhere(asked)) return adopt(asked);
  const source = new DOMParser().parseFromString(await asked.text(), "text/html");
  fields.set("csrfmiddlewaretoken", source.querySelector('[name="csrfmiddlewaretoken"]').value);
  const answer = await fetch(ADDRESS, { method: "POST", body: new URLSearchParams(fields) });
  if (answer.status === 429) return say("locked_out");
  if (answer.ok && isElsewhere(answer)) return adopt(answer);
  return answer.ok ? say("wrong_password") : say("not_reached");
}

/** The page of who is signed in now: a new session has another token, and perhaps another person. */
async function adopt(answer) {
  const source = new DOMParser().parseFromString(await answer.text(), "text/html");
  take(source);
  signedIn();
  return "";
}

function take(source) {
  if (source.body.dataset.me !== document.body.dataset.me) location.reload();
  document.body.dataset.csrf = source.body.dataset.csrf;
}

/** Whoever is signed in is led away from the form. */
const isElsewhere = (answer) => answer.redirected && new URL(answer.url).pathname !== ADDRESS;

async function lookAgain() {
  try {
    const answer = await fetch(ADDRESS);
    if (isElsewhere(answer)) await adopt(answer);
  } catch {
    // The next look tells.
  }
}

function complain(text) {
  const trouble = dialog().querySelector(".trouble");
  trouble.hidden = !text;
  trouble.textContent = text;
  if (text) dialog().querySelector('[name="password"]').select();
}
