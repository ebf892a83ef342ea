// @ts-check
// Sends private messages, and says what became of them. An answer that came is no proof that anybody got it.
import { isGoing } from "./answers.js";
import { bodyOf, post } from "./im.js";

/** @import {Conversation} from "./shapes.js" */

const SEND = 100;
const SENT = 3;
const FAILED = -2;
const ONLY_SELF = -3;
const SELF_VISIBLE = 4;

/**
 * What became of a message: its state, its id if it has one, the platform's words.
 * @typedef {{flightStatus: number, serverId: string, words: string}} Sent
 */

/**
 * Does not come back where no answer comes, or where the page is about to go.
 * @param {Conversation} talk
 * @param {string} text
 * @param {string} clientId
 * @returns {Promise<Sent>}
 */
export async function sendMessage(talk, text, clientId) {
  const content = JSON.stringify({ aweType: 700, text, richTextInfos: [], mention_users: [] });
  const ext = [{ 1: "s:client_message_id", 2: clientId }];
  const head = { 1: talk.id, 2: talk.type, 3: BigInt(talk.shortId || 0), 4: content, 5: ext };
  const response = await post("/v1/message/send", SEND, { ...head, 6: 7, 7: "ticket", 8: clientId }).catch(() => null);
  if (response === null) return { flightStatus: FAILED, serverId: "", words: "" };
  if (await isGoing(response)) return new Promise(() => {});
  const body = await bodyOf(SEND, response).catch(() => null);
  if (body === null) return { flightStatus: FAILED, serverId: "", words: "" };
  const words = JSON.parse(body.text(6) || "{}").status_msg?.msg_content?.tips ?? "";
  return { flightStatus: flightOf(body.number(3)), serverId: body.id(1), words };
}

/** @param {number} status of the answer */
function flightOf(status) {
  if (status === SELF_VISIBLE) return ONLY_SELF;
  return status ? FAILED : SENT;
}
