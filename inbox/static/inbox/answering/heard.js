// @ts-check
// Whoever has gone on to the next thread is told when a reply of theirs did not arrive.
import { find } from "../page/dom.js";
import { go } from "../page/page.js";
import { toast } from "../page/toast.js";
import { isolate } from "../words/foreign.js";
import { say } from "../words/words.js";

/** @import {EventFrame, Item, ResetFrame} from "../api/shapes.js" */
/** @import {Word} from "../words/catalogue.js" */

const SHOWN_CHARS = 20;
const SINCE_MS = 120_000;
/** @type {Record<string, Word>} */
const SAID = { failed: "reply_did_not_go", refused: "reply_did_not_go", unknown: "reply_unsure" };
/** @type {Set<string>} */
const told = new Set();

/** @param {EventFrame | ResetFrame} frame */
export function heardReply(frame) {
  if (frame.type !== "event" || frame.kind !== "reply.updated") return;
  const { reply_id: id = "", state = "", by, text = "", ended_at: at = null } = frame.data;
  const word = SAID[state];
  if (!word || told.has(id) || by?.name !== document.body.dataset.me) return;
  told.add(id);
  const address = addressOf(frame.data);
  if (isOpen(id) || at === null || Number(document.body.dataset.now) - at > SINCE_MS) return;
  const begin = [...text.replace(/\s+/g, " ")].slice(0, SHOWN_CHARS).join("");
  toast(say(word, { text: isolate(begin) }), { text: say("reply_look"), act: () => go(address) });
}

/** Tell whether the open thread shows the reply. An older part shows none; a work is too long to say so. */
const isOpen = (/** @type {string} */ id) => find("thread") !== null && find(`reply-${id}`) !== null;

/** @param {Item} reply */
function addressOf({
  conversation_id: conversation,
  discussion_id: comment,
  content_id: work,
  account_id: account = "",
}) {
  const beside = `?account_id=${encodeURIComponent(account)}`;
  if (conversation) return `/c/${encodeURIComponent(conversation)}${beside}`;
  if (comment) return `/d/${encodeURIComponent(comment)}${beside}`;
  return `/works/${encodeURIComponent(work ?? "")}${beside}`;
}
