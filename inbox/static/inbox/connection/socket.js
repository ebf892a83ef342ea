// @ts-check
// The websocket of the hub: subscribes, notices gaps, comes back by itself.
import { Backoff } from "./backoff.js";
import { Positions } from "./positions.js";

/** @import {EventFrame, Frame, ResetFrame, SeenAt, ViewingFrame} from "../api/shapes.js" */

/**
 * `changed`: something happened, or it is not known any more what. `signedOut`: the session is over, no try follows.
 * @typedef {object} Handlers
 * @property {() => void} opened
 * @property {() => void} closed
 * @property {(frame: EventFrame | ResetFrame) => void} changed
 * @property {(accounts: SeenAt) => void} fresh
 * @property {(frame: ViewingFrame) => void} viewing
 * @property {(account: string) => void} login
 * @property {() => void} signedOut
 */

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 5_000;
const QUIET_MS = 12_000; // the hub tells how fresh it is every 10 s
const ANSWER_MS = 3_000;
const SIGNED_OUT = 4001;

export class HubSocket {
  #positions = new Positions();
  #backoff = new Backoff(FIRST_WAIT_MS, LONGEST_WAIT_MS);
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** @type {WebSocket | null | undefined} null between two tries, undefined before the first */
  #socket;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #silence;

  /** @param {Handlers} handlers */
  constructor(handlers) {
    this.handlers = handlers;
    addEventListener("online", () => this.retry());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.retry();
    });
  }

  connect() {
    clearTimeout(this.#timer);
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/im/`);
    this.#socket = socket;
    socket.addEventListener("open", () => {
      this.#backoff.reset();
      this.#subscribe();
      this.#listen();
    });
    socket.addEventListener("message", (event) => {
      if (socket === this.#socket) this.#heard(JSON.parse(event.data));
    });
    socket.addEventListener("close", (event) => {
      if (socket === this.#socket) this.#lost(event.code);
    });
  }

  /** Connect at once, if there is no connection. */
  retry() {
    if (this.#socket === null) this.connect();
  }

  /**
   * Tell the hub which thread this window shows.
   * @param {string | null} threadId null for none
   * @param {boolean} [typing] somebody answers there
   */
  view(threadId, typing = false) {
    this.#send({ type: "viewing", thread_id: threadId, ...(typing ? { typing } : {}) });
  }

  #subscribe() {
    const since = this.#positions.since;
    this.#send({ type: "subscribe", accounts: "all", ...(since ? { since } : {}) });
  }

  /** @param {object} frame */
  #send(frame) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame));
  }

  /** A cable that was pulled closes nothing: whoever is quiet is asked, and left without an answer. */
  #listen() {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => {
      this.#send({ type: "ping" });
      this.#silence = setTimeout(() => this.#abandon(), ANSWER_MS);
    }, QUIET_MS);
  }

  #abandon() {
    const silent = this.#socket;
    this.#lost(0);
    silent?.close();
  }

  /** @param {Frame} frame */
  #heard(frame) {
    this.#listen();
    if (frame.type === "subscribed") {
      this.#positions.subscribed(frame.accounts);
      this.handlers.opened();
    } else if (frame.type === "reset") {
      this.#positions.reset(frame);
      this.handlers.changed(frame);
    } else if (frame.type === "event") this.#event(frame);
    else if (frame.type === "fresh") this.handlers.fresh(frame.accounts);
    else if (frame.type === "viewing") this.handlers.viewing(frame);
    else if (frame.type === "login") this.handlers.login(frame.account);
  }

  /** @param {EventFrame} frame */
  #event(frame) {
    const place = this.#positions.take(frame);
    if (place === "gap") this.#subscribe();
    else if (place === "next") this.handlers.changed(frame);
  }

  /** @param {number} code */
  #lost(code) {
    clearTimeout(this.#silence);
    this.#socket = null;
    if (code === SIGNED_OUT) {
      this.handlers.signedOut();
      return;
    }
    this.handlers.closed();
    this.#timer = setTimeout(() => this.connect(), this.#backoff.next());
  }
}
