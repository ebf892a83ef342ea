// @ts-check
// The IM engine of every www page: asks the IM host at the start, then listens; keeps what it knows in memory.
import { contentOf, conversationOf, FOLDED, messageOf } from "./im_objects.js";
import { encode, Message } from "./protobuf.js";
import { $, context, el, getJson } from "./site.js";

/** @import {Conversation, ImMessage, Notice, User} from "./shapes.js" */
/** @import {Fields} from "./protobuf.js" */

const [HISTORY, NEW, READ, CREATE, INFOS, STRANGERS, MARK_READ, INIT, INCREMENTS] = [
  301, 500, 501, 609, 610, 1001, 2002, 2043, 2048,
];
/** @type {Record<number, number>} */
const BODY_NUMBERS = { [STRANGERS]: 1000, [MARK_READ]: 604 };
const RECALL = 40001;
const COMMAND = 50001;
const HEARTBEAT_MS = 30_000;
const AGAIN_MS = 2000;
const POLL_MS = 20_000;
const CARDS = 20;

/** What the page knows. */
export const im = {
  /** @type {Map<string, Conversation>} */
  conversations: new Map(),
  /** @type {Map<string, User>} by uid and by sec_uid */
  users: new Map(),
  version: 0,
};

/**
 * What a page wants to hear: that something changed; which message came or changed; a notice.
 * @typedef {{changed: () => void, arrived?: (message: ImMessage) => void, noticed?: (notice: Notice, group: string) => void}} Ears
 */

let sequence = 10_000;

/**
 * Ask for a command.
 * @param {string} path
 * @param {number} cmd
 * @param {Fields} body
 */
export function post(path, cmd, body) {
  const tag = BODY_NUMBERS[cmd] ?? cmd;
  sequence += 1;
  const head = { 1: cmd, 2: sequence, 3: "0.1.6", 5: 3, 8: { [tag]: body }, 11: "douyin_pc", 14: "360000" };
  const headers = { "content-type": "application/x-protobuf", accept: "application/x-protobuf" };
  const request = { method: "POST", headers, body: encode({ ...head, 21: "douyin_web", 22: "web_sdk" }) };
  return fetch(context.im + path, request);
}

/**
 * Return the body of the answer to a command. Does not come back where the session has ended.
 * @param {number} cmd
 * @param {Response} response
 */
export async function bodyOf(cmd, response) {
  const isKicked = response.headers.get("content-type")?.includes("json");
  const answer = isKicked ? null : new Message(new Uint8Array(await response.arrayBuffer()));
  if (answer === null || answer.number(3)) {
    showLogin();
    return new Promise(() => {});
  }
  return answer.message(6).message(BODY_NUMBERS[cmd] ?? cmd);
}

/**
 * Ask for a command, and return the body of the answer.
 * @param {string} path
 * @param {number} cmd
 * @param {Fields} body
 */
const ask = async (path, cmd, body) => bodyOf(cmd, await post(path, cmd, body));

/** The card that www shows when the session is no longer ours. */
function showLogin() {
  const words = "扫码登录 验证码登录 密码登录 一键登录 登录后即可发送消息";
  $("root").replaceChildren(el("div", { class: "center", "data-e2e": "login-container" }, words));
}

/**
 * @param {Message} raw
 * @returns {Conversation}
 */
function conversation(raw) {
  const id = raw.text(1);
  const known = im.conversations.get(id);
  const fresh = conversationOf(raw, context.owner ?? "", known);
  im.conversations.set(id, known ? Object.assign(known, fresh) : fresh);
  return im.conversations.get(id) ?? fresh;
}

/**
 * Take a message in; the newest one is its conversation's last.
 * @param {Message} raw
 * @param {string} [id] of the conversation it came in
 */
function message(raw, id = "") {
  const made = messageOf(raw, context.owner ?? "", id);
  const talk = im.conversations.get(made.conversationId);
  if (talk && (!talk.lastMessage || talk.lastMessage.createdAt <= made.createdAt)) {
    talk.lastMessage = made;
    talk.updatedAt = made.createdAt;
  }
  return made;
}

/** @param {Message} body of the list of conversations */
function takeInit(body) {
  for (const entry of body.all(1)) {
    const talk = conversation(entry.message(1));
    for (const one of entry.all(2)) message(one, talk.id);
  }
}

/** @param {Ears} ears */
async function loadAll(ears) {
  if (context.silent) return takeCached(ears);
  for (let page = 0, more = true; more; page += 1) {
    const body = await ask("/v1/message/get_message_by_init", INIT, { 1: 0, 2: page });
    takeInit(body);
    more = body.number(2) === 1 && body.has(1);
    ears.changed();
  }
  await Promise.all([
    takeIncrements(ears),
    ask("/v2/conversation/get_info_list", INFOS, {}),
    ask("/v1/stranger/get_conversation_list", STRANGERS, {}).then(takeStrangers),
  ]);
  await askPeople(ears);
}

/**
 * What the page has in a store of its own, where nobody sees it come.
 * @param {Ears} ears
 */
async function takeCached(ears) {
  /** @type {{users: User[], init: string}} */
  const { users, init } = await getJson(`${context.www}/page/cached`);
  if (context.silent) {
    const bytes = Uint8Array.from(atob(init), (one) => one.charCodeAt(0));
    takeInit(new Message(bytes).message(6).message(INIT));
  }
  takeUsers(users);
  ears.changed();
}

/** @param {Ears} ears */
async function takeIncrements(ears) {
  const body = await ask("/v1/message/get_user_message", INCREMENTS, { 1: im.version });
  im.version = body.message(1).number(1);
  for (const talk of body.message(1).all(2)) {
    for (const one of talk.all(2)) ears.arrived?.(message(one, talk.text(5)));
  }
  ears.changed();
}

/** @param {Message} body */
function takeStrangers(body) {
  for (const one of body.all(4)) {
    const talk = im.conversations.get(one.text(4));
    if (talk) talk.isStranger = true;
  }
}

/**
 * Ask for the cards of everybody, so many a call.
 * @param {Ears} ears
 */
async function askPeople(ears) {
  if (context.cached) return takeCached(ears);
  const wanted = [...new Set([...im.conversations.values()].flatMap((one) => one.secUids))];
  const unknown = wanted.filter((sec) => !im.users.has(sec));
  for (let at = 0; at < unknown.length; at += CARDS) {
    const body = new URLSearchParams({ sec_user_ids: JSON.stringify(unknown.slice(at, at + CARDS)) });
    /** @type {{data?: User[]}} */
    const answer = await getJson(`${context.www}/aweme/v1/web/im/user/info/`, { method: "POST", body });
    takeUsers(answer.data ?? []);
    ears.changed();
  }
}

/** @param {User[]} users */
function takeUsers(users) {
  for (const user of users) {
    for (const key of [user.uid, user.sec_uid]) if (key) im.users.set(key, user);
  }
}

/**
 * @param {Message} push
 * @param {Ears} ears
 */
function takePush(push, ears) {
  const body = push.message(6);
  if (push.number(1) === READ) {
    const talk = im.conversations.get(body.message(READ).text(1));
    if (talk) talk._badgeCount = 0;
  }
  if (push.number(1) === NEW) takeNew(body.message(NEW), ears);
  ears.changed();
}

/**
 * @param {Message} body
 * @param {Ears} ears
 */
function takeNew(body, ears) {
  const raw = body.message(5);
  if (raw.number(6) === RECALL) {
    const { server_message_id: victim } = contentOf(raw);
    for (const talk of im.conversations.values()) {
      const last = talk.lastMessage;
      if (last && last.serverId === victim) last.isRecalled = true;
    }
    return;
  }
  const talk = im.conversations.get(body.text(2));
  if (raw.number(6) === COMMAND) {
    for (const { key, op_type: op } of contentOf(raw).ext_data ?? []) {
      if (talk && key === FOLDED) talk.isFolded = op === 1;
    }
    return;
  }
  if (!talk) {
    loadAll({ changed: ears.changed });
    return;
  }
  const made = message(raw, talk.id);
  talk._badgeCount = made.isFromMe ? 0 : talk._badgeCount + 1;
  ears.arrived?.(made);
}

/** @param {Ears} ears */
function listen(ears) {
  const address = `${context.im.replace(/^http/, "ws")}/ws/v2?aid=6383&fpid=9&device_platform=douyin_pc`;
  const socket = new WebSocket(address, ["binary", "base64", "pbbp2"]);
  socket.binaryType = "arraybuffer";
  const beat = setInterval(() => {
    if (socket.readyState === WebSocket.OPEN) socket.send(encode({ 1: 1, 3: 5, 4: 1, 7: "hb" }));
  }, HEARTBEAT_MS);
  socket.onmessage = async (event) => {
    const frame = new Message(new Uint8Array(event.data));
    const payload = frame.text(6) === "gzip" ? await unzipped(frame.bytes(8)) : frame.bytes(8);
    if (frame.text(7) === "pb") takePush(new Message(payload), ears);
    else if (frame.text(7) === "text/json") {
      const { notice, group } = JSON.parse(new TextDecoder().decode(payload));
      ears.noticed?.(notice, group);
    }
  };
  socket.onclose = (event) => {
    clearInterval(beat);
    if (event.code !== 4401) setTimeout(() => listenAgain(ears), AGAIN_MS);
  };
}

/** @param {Ears} ears */
function listenAgain(ears) {
  takeIncrements(ears);
  listen(ears);
}

/** @param {Uint8Array<ArrayBuffer>} bytes */
async function unzipped(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/**
 * Load everything, then listen until the page goes away.
 * @param {Ears} ears
 */
export async function start(ears) {
  if (!context.silent) listen(ears);
  await loadAll(ears);
  if (!context.silent) setInterval(() => takeIncrements(ears), POLL_MS);
}

/**
 * Return messages of a conversation before an anchor, or the newest: the newest first.
 * @param {string} id
 * @param {number} [before] place of a message
 */
export async function askHistory(id, before = 0) {
  /** @type {Message} */
  const body = await ask("/v1/message/get_by_conversation", HISTORY, { 1: id, 4: before ? 1 : 3, 5: before, 6: 50 });
  const owner = context.owner ?? "";
  return { messages: body.all(1).map((raw) => messageOf(raw, owner, id)), more: body.number(3) === 1 };
}

/**
 * Tell the platform that a conversation was read: opening one does this.
 * @param {Conversation} talk
 */
export async function markRead(talk) {
  talk._badgeCount = 0;
  await ask("/v1/conversation/mark_read", MARK_READ, { 1: talk.id, 2: talk.type });
}

/**
 * Return the conversation with a person, which need not be in the list yet.
 * @param {string} uid
 */
export async function askConversation(uid) {
  const body = await ask("/v2/conversation/create", CREATE, { 1: 1, 2: BigInt(uid) });
  return conversation(body.message(1));
}
