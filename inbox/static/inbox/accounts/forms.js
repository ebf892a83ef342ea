// @ts-check
// The owner's forms as dialogs over the accounts. Without this script they are pages.
import { post } from "../api/forms.js";
import { loginShown } from "../login/dialog.js";
import { around, make, need, needIn } from "../page/dom.js";
import { morphById } from "../page/morph.js";
import { addPart, load, refresh } from "../page/page.js";
import { toast } from "../page/toast.js";
import { say } from "../words/words.js";

const dialog = () => need("form-dialog", HTMLDialogElement);

export function startForms() {
  if (document.getElementById("accounts")) addPart({ update: (source) => morphById(source, "accounts") });
  document.addEventListener("click", (event) => {
    const link = around(event, "a[data-dialog]", HTMLAnchorElement);
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.button) {
      event.preventDefault();
      open(link);
    } else if (around(event, "#form-dialog [data-cancel]")) {
      event.preventDefault();
      dialog().close();
    }
  });
  document.addEventListener("submit", (event) => {
    const form = around(event, "#form-dialog form, form[data-quick]", HTMLFormElement);
    if (!form || event.defaultPrevented || form.dataset.login !== undefined) return;
    event.preventDefault();
    submit(form);
  });
}

/** @param {HTMLAnchorElement} link */
async function open(link) {
  link.closest("details")?.removeAttribute("open");
  try {
    show(await load(link.href));
    dialog().showModal();
    dialog()
      .querySelector(/** @type {"input"} */ ("input:not([type=hidden]), select"))
      ?.focus();
    loginShown();
  } catch {
    toast(say("not_reached"));
  }
}

/** @param {Document} source */
function show(source) {
  dialog().className = "";
  dialog().replaceChildren(...document.adoptNode(need("form-card", HTMLElement, source)).childNodes);
}

/** @param {HTMLFormElement} form */
async function submit(form) {
  const button = needIn(form, "button:not([type=button])", HTMLButtonElement);
  button.disabled = true;
  try {
    await send(form);
  } catch {
    complain(form, say("not_reached"));
  } finally {
    button.disabled = false;
  }
}

/**
 * Say what went wrong. A toast would stand behind the dialog.
 * @param {HTMLFormElement} form
 * @param {string} text
 */
function complain(form, text) {
  if (!form.closest("dialog")) {
    toast(text);
    return;
  }
  form.querySelector(".trouble")?.remove();
  const trouble = make("p", { className: "trouble", textContent: text });
  trouble.setAttribute("role", "alert");
  form.prepend(trouble);
}

/** @param {HTMLFormElement} form */
async function send(form) {
  const answer = await post(form);
  if (answer.status === 422) {
    show(new DOMParser().parseFromString(await answer.text(), "text/html"));
    dialog()
      .querySelector(/** @type {"input"} */ ('[aria-invalid="true"]'))
      ?.focus();
    return;
  }
  if (dialog().open) dialog().close();
  toast(say(answer.ok ? "saved" : answer.status === 403 ? "not_allowed_here" : "not_reached"));
  refresh();
}
