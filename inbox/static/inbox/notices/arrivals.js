// @ts-check
// What came in since it was told last, by thread, and what is told of it. Pure.

/** @import {EventFrame, Item} from "../api/shapes.js" */

/**
 * What is known of a thread and of its newest item.
 * @typedef {object} Arrival
 * @property {string} id of the thread
 * @property {string} account
 * @property {number} count
 * @property {boolean} muted
 * @property {string | null | undefined} person
 * @property {string | null | undefined} text
 * @property {string | null | undefined} textOf the id of the message or comment that says it
 * @property {boolean} isConversation else it is a comment thread
 */

const KINDS = new Set(["message.created", "discussion.created"]);

export class Arrivals {
  /** @type {Map<string, Arrival>} thread id -> */
  #arrived = new Map();

  /**
   * Take an event; return whether something came in that may be told.
   * @param {Pick<EventFrame, "kind" | "account" | "data">} event
   */
  take({ kind, account, data }) {
    if (kind === "thread.updated") this.#describe(data);
    if (kind === "message.updated" && data.is_recalled) this.#takeBack(data);
    if (!KINDS.has(kind) || !isNew(data)) return false;
    const id = threadOf(data);
    const known = this.#arrived.get(id);
    const by = data.sender ?? data.author;
    this.#arrived.set(id, {
      id,
      account,
      count: (known?.count ?? 0) + 1,
      muted: known?.muted ?? false,
      person: by?.user_name ?? by?.author_name ?? known?.person,
      text: data.content,
      textOf: data.msg_id ?? data.discussion_id,
      isConversation: Boolean(data.conversation_id),
    });
    return true;
  }

  /** Return what is to be told, and begin anew. */
  drain() {
    const told = [...this.#arrived.values()].filter((one) => !one.muted);
    this.#arrived = new Map();
    return told;
  }

  /**
   * What was recalled before it was told is told without its words.
   * @param {Item} message
   */
  #takeBack(message) {
    const known = this.#arrived.get(threadOf(message));
    if (known && known.textOf === message.msg_id) known.text = null;
  }

  /**
   * Its row says whether it is muted, and whose it is.
   * @param {Item} row
   */
  #describe(row) {
    const known = this.#arrived.get(row.thread_id ?? "");
    if (!known) return;
    known.muted = row.is_muted ?? false;
    known.person = row.person?.user_name ?? known.person;
  }
}

/** @param {Item} item */
const isNew = (item) => item.direction === "inbound" && item.is_read === false && !item.is_deleted;

/** @param {Item} item */
const threadOf = (item) => item.conversation_id ?? item.parent_comment_id ?? item.discussion_id ?? "";

/**
 * Return how many items came in while nobody told of changes: counted by what the hub told afterwards; where it could
 * not, by how much more is unread.
 * @param {object} gap
 * @param {Arrival[]} gap.told
 * @param {boolean} gap.isTold whether the hub tells of changes again
 * @param {ReadonlySet<string>} gap.reset accounts of which the hub does not know any more what happened
 * @param {ReadonlyMap<string, number>} gap.before account -> how many were unread
 * @param {ReadonlyMap<string, number>} gap.now
 */
export function countGap({ told, isTold, reset, before, now }) {
  let count = told.filter((one) => !reset.has(one.account)).reduce((sum, one) => sum + one.count, 0);
  for (const [account, unread] of before) {
    if (!isTold || reset.has(account)) count += Math.max(0, (now.get(account) ?? 0) - unread);
  }
  return count;
}
