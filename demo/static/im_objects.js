// @ts-check
// The objects that the pages keep of conversations and messages, made of the wire.

/** @import {Content, Conversation, ImMessage} from "./shapes.js" */
/** @import {Message} from "./protobuf.js" */

export const FOLDED = "a:s_is_folded";

/**
 * @param {Message} raw a message of the wire
 * @returns {Content}
 */
export const contentOf = (raw) => JSON.parse(raw.text(8) || "{}");

/**
 * A 64-bit number as the page's library keeps it.
 * @param {string} digits
 */
function long(digits) {
  const value = BigInt(digits || 0);
  return { low: Number(BigInt.asIntN(32, value)), high: Number(value >> 32n), unsigned: false };
}

/**
 * @param {Message} raw
 * @param {string} owner uid
 * @param {Conversation} [known]
 * @returns {Conversation}
 */
export function conversationOf(raw, owner, known) {
  const people = raw.message(6).all(1);
  const other = people.find((one) => one.id(1) !== owner);
  const group = raw.number(3) === 2;
  return {
    id: raw.text(1),
    shortId: raw.id(2),
    type: raw.number(3),
    isStranger: known?.isStranger ?? false,
    updatedAt: known?.updatedAt ?? new Date(0),
    coreInfo: { name: raw.message(50).text(5) },
    participantCount: raw.number(7),
    firstPageParticipant: {
      participants: people.map((one) => ({ user_id: long(one.id(1)), sec_uid: one.text(5), ext: {} })),
      hasMore: false,
    },
    secUids: people.map((one) => one.text(5)),
    toParticipantUserId: group ? "" : (other?.id(1) ?? ""),
    toParticipantSecUserId: group ? "" : (other?.text(5) ?? ""),
    lastMessage: known?.lastMessage ?? null,
    _badgeCount: raw.number(10) - raw.message(51).number(16),
    isMuted: raw.message(51).number(6) === 1,
    isPinned: raw.message(51).number(7) === 1,
    isFolded: raw
      .message(51)
      .all(9)
      .some((one) => one.text(1) === FOLDED && one.text(2) === "1"),
  };
}

/**
 * @param {Message} raw
 * @param {string} owner uid
 * @param {string} id of the conversation it came in
 * @returns {ImMessage}
 */
export function messageOf(raw, owner, id) {
  const ext = Object.fromEntries(raw.all(9).map((one) => [one.text(1), one.text(2)]));
  const content = contentOf(raw);
  return {
    serverId: raw.id(3),
    clientId: ext["s:client_message_id"] ?? "",
    conversationId: raw.text(1) || id,
    sender: raw.id(7),
    secSender: raw.text(14),
    isFromMe: raw.id(7) === owner,
    type: raw.number(6),
    content: raw.text(8),
    parsedContent: content,
    createdAt: new Date(raw.number(10)),
    ext,
    isRecalled: ext["s:is_recalled"] === "true",
    flightStatus: raw.id(7) === owner ? flightOf(raw.number(12)) : 4,
    orderInConversation: long(raw.id(13)),
    place: raw.number(17),
    visible: true,
  };
}

/** @param {number} status of an own message: 4 is seen by nobody else */
const flightOf = (status) => (status === 4 ? -3 : 3);

/**
 * A message that is sent now, as the page has it until it hears what became of it.
 * @param {Conversation} talk
 * @param {string} text
 * @param {string} owner uid
 * @returns {ImMessage}
 */
export const draftMessage = (talk, text, owner) => ({
  serverId: "",
  clientId: crypto.randomUUID(),
  conversationId: talk.id,
  sender: owner,
  secSender: "",
  isFromMe: true,
  type: 7,
  content: JSON.stringify({ text, aweType: 700 }),
  parsedContent: { text },
  createdAt: new Date(),
  ext: {},
  isRecalled: false,
  flightStatus: 1,
  orderInConversation: { low: 0, high: 0, unsigned: false },
  place: 0,
  visible: true,
});

/** @type {Record<number, string>} what stands for a message without words */
const HINTS = { 27: "[图片]", 17: "[语音]", 30: "[视频]", 25: "[名片]" };

/** @param {ImMessage | null} message */
export function textOf(message) {
  if (!message) return "";
  if (message.isRecalled) return message.isFromMe ? "你撤回了一条消息" : "对方撤回了一条消息";
  const { text, tips, display_name: name, content_title: title } = message.parsedContent;
  return text || tips || (name && `[${name}]`) || title || HINTS[message.type] || "[不支持的消息]";
}

/**
 * @param {Conversation} a
 * @param {Conversation} b
 */
export const byTime = (a, b) => b.updatedAt.getTime() - a.updatedAt.getTime();
