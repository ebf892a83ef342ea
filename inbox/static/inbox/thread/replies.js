// @ts-check
// The dialog in which saved replies are written, changed and deleted.
import { read, write } from "../api/api.js";
import { Refused } from "../api/failures.js";
import { all, around, find, need, needIn } from "../page/dom.js";
import { refresh } from "../page/page.js";
import { toast } from "../page/toast.js";
import { isolate } from "../words/foreign.js";
import { say } from "../words/words.js";

/** @import {Call} from "../api/calls.js" */
/** @import {SavedReply} from "../api/shapes.js" */
/** @import {Word} from "../words/catalogue.js" */

const dialog = () => need("replies", HTMLDialogElement);
const form = () => need("reply-form", HTMLFormElement);
const title = () => needIn(form(), '[name="title"]', HTMLInputElement);
const text = () => needIn(form(), '[name="text"]', HTMLTextAreaElement);
const account = () => needIn(form(), '[name="account"]', HTMLSelectElement);
const shared = () => needIn(form(), '[name="shared"]', HTMLInputElement);
/** @type {string | null} the id of the reply that is changed */
let editing = null;

export function startReplies() {
  document.addEventListener("click", (event) => {
    const button = around(event, "#manage-replies");
    if (!button) return;
    button.closest("details")?.removeAttribute("open");
    open();
  });
  if (!find("reply-form")) return;
  form().addEventListener("submit", (event) => {
    event.preventDefault();
    save();
  });
  form().addEventListener("reset", () => {
    editing = null;
  });
  dialog().addEventListener("close", () => {
    refresh();
  });
}

async function open() {
  form().reset();
  await list();
  dialog().showModal();
}

async function list() {
  const answer = /** @type {{saved_replies?: SavedReply[]} | undefined} */ (await read("saved-replies?count=200"));
  need("reply-list").replaceChildren(...(answer?.saved_replies ?? []).map(line));
}

/** @param {SavedReply} reply */
function line(reply) {
  const template = need("reply-line", HTMLTemplateElement).content;
  const item = /** @type {HTMLElement} */ (needIn(template, "li").cloneNode(true));
  needIn(item, "b").textContent = reply.title;
  const of = [nameOf(reply.account_id), reply.is_mine ? "" : reply.owner_name].filter((name) => name);
  needIn(item, ".meta").textContent = of.length ? [...of, reply.text].map(isolate).join(" · ") : reply.text;
  const [edit, remove] = all(item, "button");
  edit?.addEventListener("click", () => fill(reply));
  remove?.addEventListener("click", () => perform(["DELETE", `saved-replies/${reply.id}`], "reply_deleted"));
  return item;
}

/** @param {string | null} id of an account, null for all */
const nameOf = (id) => (id ? ([...account().options].find(({ value }) => value === id)?.text ?? id) : "");

/**
 * One for an account that is not among the reader's any more stays for it.
 * @param {SavedReply} reply
 */
function fill(reply) {
  title().value = reply.title;
  text().value = reply.text;
  const of = reply.account_id ?? "";
  if (![...account().options].some(({ value }) => value === of)) account().add(new Option(of, of));
  account().value = of;
  shared().checked = reply.shared;
  editing = reply.id;
  title().focus();
}

function save() {
  const words = { title: title().value.trim(), text: text().value.trim() };
  const body = { ...words, shared: shared().checked, account_id: account().value || null };
  if (editing) perform(["PUT", `saved-replies/${editing}`, body], "reply_saved");
  else perform(["POST", "saved-replies", body], "reply_saved");
}

/**
 * @param {Call} call
 * @param {Word} said when it is saved
 */
async function perform(call, said) {
  try {
    await write(...call);
    toast(say(said));
    form().reset();
    await list();
  } catch (error) {
    if (error instanceof Refused && error.message) toast(say("reply_refused", { why: error.message }));
    else toast(say("not_saved"));
  }
}
