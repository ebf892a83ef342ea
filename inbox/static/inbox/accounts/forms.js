// The owner's forms as dialogs over the accounts. Without this script they are pages.
import { addPart, load, refresh } from "../page/page.js";
import { morphById } from "../page/morph.js";
import { toast } from "../page/toast.js";
import { say } from "../words/words.js";

const dialog = () => document.getElementById("form-dialog");

export function startForms() {
  if (!document.getElementById("accounts")) return;
  addPart({ update: (source) => morphById(source, "accounts") });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-dialog]");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.button) {
      event.preventDefault();
      open(link);
    } else if (event.target.closest("#form-dialog [data-cancel]")) {
      event.preventDefault();
      dialog().close();
    }
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("#form-dialog form, form[data-quick]")) return;
    event.preventDefault();
    submit(form);
  });
}

async function open(link) {
  link.closest("details")?.removeAttribute("open");
  try {
    show(await load(link.href));
    dialog().showModal();
    dialog().querySelector("input:not([type=hidden]), select")?.focus();
  } catch {
    toast(say("not_reached"));
  }
}

function show(source) {
  dialog().replaceChildren(...document.adoptNode(source.getElementById("form-card")).childNodes);
}

async function submit(form) {
  const button = form.querySelector("button:not([type=button])");
  button.disabled = true;
  try {
    await send(form);
  } catch {
    complain(form, say("not_reached"));
  } finally {
    button.disabled = false;
  }
}

/** A toast would stand behind the dialog. */
function complain(form, text) {
  if (!form.closest("dialog")) return toast(text);
  form.querySelector(".trouble")?.remove();
  const trouble = Object.assign(document.createElement("p"), { className: "trouble", textContent: text });
  trouble.setAttribute("role", "alert");
  form.prepend(trouble);
  return undefined;
}

async function send(form) {
  const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
  if (answer.status === 422) {
    show(new DOMParser().parseFromString(await answer.text(), "text/html"));
    dialog().querySelector('[aria-invalid="true"]')?.focus();
    return;
  }
  if (dialog().open) dialog().close();
  toast(say(answer.ok ? "saved" : answer.status === 403 ? "not_allowed_here" : "not_reached"));
  refresh();
}
