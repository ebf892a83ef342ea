// @ts-check
// The IM engine of a page: opaque bodies in, objects in memory out.
import { context } from "./site.js";

/** @import {Conversation, Conversations, History, Push} from "./shapes.js" */

/**
 * Open a body: `{1: status, 2: deflated JSON}`.
 * @param {ArrayBuffer} buffer
 */
async function open(buffer) {
  const bytes = new Uint8Array(buffer);
  let at = 3;
  let size = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at] ?? 0;
    at += 1;
    size |= (byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  const stream = new Blob([bytes.slice(at, at + size)]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return JSON.parse(await new Response(stream).text());
}

/**
 * @param {string} path
 * @param {object} body
 */
async function ask(path, body) {
  const headers = { "content-type": "application/x-protobuf" };
  const response = await fetch(context.im + path, { method: "POST", headers, body: JSON.stringify(body) });
  if (response.headers.get("content-type")?.includes("json")) {
    location.href = `${context.creator}/`;
    return new Promise(() => {});
  }
  return open(await response.arrayBuffer());
}

/** @returns {Promise<Conversations>} */
export const askStrangers = () => ask("/v1/stranger/get_conversation_list", {});

/**
 * @param {string} id
 * @param {string | null} [before] id of a message
 * @returns {Promise<History>}
 */
export const askHistory = (id, before) => ask("/v1/message/get_by_conversation", { conversation_id: id, before });

/**
 * @param {string} id
 * @param {string} text
 * @returns {Promise<{blocked?: string}>}
 */
export const sendMessage = (id, text) => ask("/v1/message/send", { conversation_id: id, text });

/**
 * Load all conversations, batch after batch.
 * @param {boolean} users with the people's cards
 * @param {(body: Conversations) => void} take gets each batch
 */
export async function loadAll(users, take) {
  let offset = 0;
  for (let more = true; more; ) {
    /** @type {Conversations} */
    const body = await ask("/v2/message/get_by_user_init", { offset, users });
    take(body);
    offset += body.conversations.length;
    more = body.has_more && body.conversations.length > 0;
  }
}

/**
 * Listen until the page goes away.
 * @param {(push: Push) => void} take gets what happens
 */
export function listen(take) {
  const socket = new WebSocket(`${context.im.replace(/^http/, "ws")}/ws/v2`);
  socket.binaryType = "arraybuffer";
  socket.onmessage = async (event) => take(await open(event.data));
  socket.onclose = (event) => {
    if (event.code !== 4401) setTimeout(() => listen(take), 2000);
  };
}

/**
 * @param {Conversation} a
 * @param {Conversation} b
 */
export const byTime = (a, b) => (b.updatedAt > a.updatedAt ? 1 : b.updatedAt < a.updatedAt ? -1 : 0);

/** @param {Conversation} conversation */
export function previewOf(conversation) {
  const last = conversation.lastMessage;
  if (!last) return "";
  const content = typeof last.content === "string" ? JSON.parse(last.content) : last.content;
  if (last.is_recalled) return "消息已撤回";
  return content.text || content.msgHint || (content.display_name ? `[${content.display_name}]` : "");
}
