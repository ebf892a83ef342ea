// The dialog in which saved replies are written, changed and deleted.
import { Refused, write } from "../api/api.js";
import { refresh } from "../page/page.js";
import { toast } from "../page/toast.js";
import { say } from "../words/words.js";

const dialog = () => document.getElementById("replies");
const form = () => document.getElementById("reply-form");
let editing = null; // the id of the reply that is changed

export function startReplies() {
  document.addEventListener("click", (event) => {
    if (!event.target.closest("#manage-replies")) return;
    event.target.closest("details").open = false;
    open();
  });
  form()?.addEventListener("submit", (event) => {
    event.preventDefault();
    save();
  });
  form()?.addEventListener("reset", () => {
    editing = null;
  });
  dialog()?.addEventListener("close", refresh);
}

async function open() {
  form().reset();
  await list();
  dialog().showModal();
}

async function list() {
  const answer = await fetch("/api/im/saved-replies?count=200", { headers: { Accept: "application/json" } });
  const replies = (await answer.json()).data?.saved_replies ?? [];
  document.getElementById("reply-list").replaceChildren(...replies.map(line));
}

function line(reply) {
  const item = document.getElementById("reply-line").content.cloneNode(true).firstElementChild;
  item.querySelector("b").textContent = reply.title;
  item.querySelector(".meta").textContent = reply.is_mine ? reply.text : `${reply.owner_name} · ${reply.text}`;
  const [edit, remove] = item.querySelectorAll("button");
  edit.addEventListener("click", () => fill(reply));
  remove.addEventListener("click", () => perform("DELETE", `saved-replies/${reply.id}`, undefined, "reply_deleted"));
  return item;
}

function fill(reply) {
  const fields = form().elements;
  fields.title.value = reply.title;
  fields.text.value = reply.text;
  fields.shared.checked = reply.shared;
  editing = reply.id;
  fields.title.focus();
}

function save() {
  const { title, text, shared } = form().elements;
  const body = { title: title.value.trim(), text: text.value.trim(), shared: shared.checked };
  const [method, path] = editing ? ["PUT", `saved-replies/${editing}`] : ["POST", "saved-replies"];
  return perform(method, path, body, "reply_saved");
}

async function perform(method, path, body, said) {
  try {
    await write(method, path, body);
    toast(say(said));
    form().reset();
    await list();
  } catch (error) {
    toast(error instanceof Refused && error.message ? say("reply_refused", { why: error.message }) : say("not_saved"));
  }
}
