// @ts-check
// Where a reply would go: the conversation that is open, the comment that a box belongs to. fiber.py calls these
// functions by their names.
import { all, fiberOf, IDS, isMap, isObject, KINDS, nearest, parentOf, single } from "./fiber.js";
import { isShown, rowElements } from "./fiber_rows.js";

/** @import {Thing} from "./fiber.js" */

/**
 * Return the page's stores of conversations: its own, and that of the frame in which a micro-app runs.
 * @returns {Thing[]}
 */
function conversationStores() {
  const frames = Array.from({ length: window.length }, (_, at) => window[at]);
  return [window, ...frames].flatMap((one) => {
    try {
      const store = /** @type {{conversationStore?: unknown}} */ (/** @type {object} */ (one)).conversationStore;
      return isObject(store) ? [store] : [];
    } catch {
      return []; // Of another site.
    }
  });
}

/**
 * Return each conversation that the page's memory calls the open one, by where it says so: its store, what hangs above
 * the editor, the row that is marked, the messages that are drawn. More than one id: nobody knows which is open.
 * @param {{editor: Element | null, marked: string[], bubbles: string[]}} given
 */
export function openTalks({ editor, marked, bubbles }) {
  /** @type {{from: string, id: unknown, secUid: unknown}[]} */
  const found = [];
  /** @param {string} from @param {Thing | null} talk @param {unknown} [id] */
  const note = (from, talk, id) => {
    const own = talk ? IDS.conversation(talk) : id;
    if (own) found.push({ from, id: String(own), secUid: talk?.toParticipantSecUserId || null });
  };
  for (const store of conversationStores()) {
    const current = store.curConversationId;
    const map = store.conversationMap;
    const talk = isMap(map) ? map.get(current) : /** @type {Thing | undefined} */ (map)?.[String(current)];
    if (current) note("store", isObject(talk) && KINDS.conversation(talk) ? talk : null, current);
  }
  for (let one = editor ? fiberOf(editor) : null, up = 0; one && up < 30; one = one.return ?? null, up += 1) {
    const talk = single(one.memoizedProps, "conversation", 1);
    const props = isObject(one.memoizedProps) ? one.memoizedProps : {};
    if (talk || props.conversationId) {
      note("editor", talk, props.conversationId);
      break;
    }
  }
  for (const row of marked.flatMap(all)) {
    note("row", nearest(row, "conversation"));
  }
  for (const row of rowElements(bubbles, "message")) {
    const message = nearest(row, "message");
    if (message?.conversationId) note("message", null, message.conversationId);
  }
  return found;
}

/**
 * Return the comment that an element stands in, by what hangs above it or above what it stands in.
 * @param {Element | null} element
 */
function commentAround(element) {
  for (let node = element; node; node = parentOf(node)) {
    for (let one = fiberOf(node), up = 0; one && up < 8; one = one.return ?? null, up += 1) {
      const found = single(one.memoizedProps, "comment", 1);
      if (found) return found;
    }
  }
  return null;
}

/**
 * Return the one element of a comment that says just these words and can be clicked, or null.
 * @param {{id: string, words: string}} given `words`: a regular expression
 */
export function buttonOfComment({ id, words }) {
  const wanted = new RegExp(words);
  const hits = all("span, div, button, a").filter(
    (one) =>
      one.childElementCount === 0 &&
      wanted.test((one.textContent ?? "").trim()) &&
      isShown(one) &&
      String(commentAround(one)?.cid) === id,
  );
  return hits.length === 1 ? hits[0] : null;
}

/**
 * Return the box to write in under a comment, or without `id` the one under the work. Null: none, or several.
 * @param {{id: string | null}} given
 */
export function commentEditor({ id }) {
  const boxes = all('[contenteditable="true"], textarea').filter(isShown);
  const hits = boxes.filter((one) =>
    id === null ? commentAround(one) === null : String(commentAround(one)?.cid) === id,
  );
  return hits.length === 1 ? hits[0] : null;
}

/**
 * Return the button that sends what stands in the box: the nearest one of these words.
 * @param {{editor: Element, words: string}} given
 */
export function sendButton({ editor, words }) {
  for (let node = parentOf(editor), up = 0; node && up < 5; node = parentOf(node), up += 1) {
    const hits = [...node.querySelectorAll("button, [role=button]")].filter(
      (one) => isShown(one) && (one.textContent ?? "").trim() === words,
    );
    if (hits.length) return hits.length === 1 ? hits[0] : null;
  }
  return null;
}

/**
 * Return whose editor this is: the ids of its comment and of that comment's work. `works`: of all comments drawn.
 * @param {{editor: Element}} given
 */
export function commentPlace({ editor }) {
  const comment = commentAround(editor);
  const works = new Set(
    all('[class*="container-"]')
      .map((one) => fiberOf(one) && commentAround(one)?.aweme_id)
      .filter((id) => id)
      .map(String),
  );
  return { cid: comment ? String(comment.cid) : null, works: [...works] };
}
