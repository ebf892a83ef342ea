// @ts-check
// Signed out elsewhere: asks for the password over the page, so that what was typed and where somebody was stay.
import { renewBy } from "../api/api.js";
import { SignedOut } from "../api/failures.js";
import { say } from "../words/words.js";
import { hideNotice, showNotice } from "./banner.js";
import { need, needIn } from "./dom.js";
import { load, on } from "./page.js";

/** @import {Renewal} from "../api/api.js" */

const ADDRESS = "/login/";
let isOut = false;
let outSince = 0; // as performance.now() tells it
/** @type {(() => void)[]} */
const listeners = [];

export const isSignedOut = () => isOut;

const dialog = () => need("signed-out", HTMLDialogElement);
const form = () => needIn(dialog(), "[data-sign-in]", HTMLFormElement);
const password = () => needIn(dialog(), '[name="password"]', HTMLInputElement);

export function startSignIn() {
  renewBy(renew);
  form().addEventListener("submit", submit);
  dialog().addEventListener("close", () => {
    if (isOut) showNotice("signed-out", say("signed_out"), { text: say("sign_in"), act: open });
  });
  document.addEventListener("visibilitychange", () => {
    if (isOut && document.visibilityState === "visible") lookAgain();
  });
  on("read", (source, asked) => {
    take(source);
    if (isOut && asked > outSince) signedIn(); // what was asked before may come later
  });
}

/**
 * Call `listener` when the session is good again.
 * @param {() => void} listener
 */
export function whenSignedIn(listener) {
  listeners.push(listener);
}

export function signedOut() {
  if (isOut) return;
  isOut = true;
  outSince = performance.now();
  open();
}

function open() {
  if (dialog().open) return;
  complain("");
  dialog().showModal();
  password().focus();
}

function signedIn() {
  isOut = false;
  if (dialog().open) dialog().close();
  hideNotice("signed-out");
  form().reset();
  for (const listener of listeners) listener();
}

/** @param {SubmitEvent} event */
async function submit(event) {
  event.preventDefault();
  const button = needIn(dialog(), ".primary", HTMLButtonElement);
  button.disabled = true;
  try {
    complain(await signIn(new FormData(form())));
  } catch {
    complain(say("not_reached"));
  } finally {
    button.disabled = false;
  }
}

/**
 * Sign in; return what was wrong with it, empty for nothing.
 * @param {FormData} fields
 */
async function signIn(fields) {
  const asked = await fetch(ADDRESS);
  if (isElsewhere(asked)) return adopt(asked);
  const source = await parse(asked);
  fields.set("csrfmiddlewaretoken", needIn(source, '[name="csrfmiddlewaretoken"]', HTMLInputElement).value);
  const answer = await fetch(ADDRESS, { method: "POST", body: asParameters(fields) });
  if (answer.status === 429) return say("locked_out");
  if (answer.ok && isElsewhere(answer)) return adopt(answer);
  return answer.ok ? say("wrong_password") : say("not_reached");
}

/** @param {FormData} fields */
const asParameters = (fields) => new URLSearchParams([...fields].map(([name, value]) => [name, String(value)]));

/** @param {Response} answer */
const parse = async (answer) => new DOMParser().parseFromString(await answer.text(), "text/html");

/**
 * Take over the page of who is signed in now: a new session has another token, and perhaps another person.
 * @param {Response} answer
 */
async function adopt(answer) {
  take(await parse(answer));
  signedIn();
  return "";
}

/**
 * Take over the token of the page, if it is the same person's; else the whole page. Returns which.
 * @param {Document} source
 */
function take(source) {
  const isSame = source.body.dataset.me === document.body.dataset.me;
  if (isSame) document.body.dataset.csrf = source.body.dataset.csrf;
  else location.reload();
  return isSame;
}

/**
 * Another window signed in: the session has another token now.
 * @returns {Promise<Renewal>}
 */
async function renew() {
  try {
    return take(await load(location.href)) ? "renewed" : "unknown";
  } catch (error) {
    if (!(error instanceof SignedOut)) return "unknown";
    signedOut();
    return "signed out";
  }
}

/**
 * Whoever is signed in is led away from the form.
 * @param {Response} answer
 */
const isElsewhere = (answer) => answer.redirected && new URL(answer.url).pathname !== ADDRESS;

async function lookAgain() {
  try {
    const answer = await fetch(ADDRESS);
    if (isElsewhere(answer)) await adopt(answer);
  } catch {
    // The next look tells.
  }
}

/** @param {string} text */
function complain(text) {
  const trouble = needIn(dialog(), ".trouble");
  trouble.hidden = !text;
  trouble.textContent = text;
  if (text) password().select();
}
