// The websocket of the hub: subscribes, notices gaps, comes back by itself.
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 5_000;
const QUIET_MS = 12_000; // the hub tells how fresh it is every 10 s
const ANSWER_MS = 3_000;
const SIGNED_OUT = 4001;

/** Calls `changed(frame)` for an event or a reset, `fresh(accounts)`, `opened()`, `closed()` and `signedOut()`. */
export class HubSocket {
  #positions = {};
  #wait = FIRST_WAIT_MS;
  #timer;
  #socket; // null between two tries
  #silence;

  constructor(handlers) {
    this.handlers = handlers;
    addEventListener("online", () => this.retry());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.retry());
  }

  connect() {
    clearTimeout(this.#timer);
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/im/`);
    this.#socket = socket;
    socket.addEventListener("open", () => {
      this.#wait = FIRST_WAIT_MS;
      this.#subscribe();
      this.#listen();
    });
    socket.addEventListener("message", (event) => socket === this.#socket && this.#heard(JSON.parse(event.data)));
    socket.addEventListener("close", (event) => socket === this.#socket && this.#lost(event.code));
  }

  /** At once, if there is no connection. */
  retry() {
    if (this.#socket === null) this.connect();
  }

  /** Which thread this window shows; null for none. */
  view(threadId) {
    this.#send({ type: "viewing", thread_id: threadId });
  }

  #subscribe() {
    const since = Object.keys(this.#positions).length ? { since: this.#positions } : {};
    this.#send({ type: "subscribe", accounts: "all", ...since });
  }

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
    silent.close();
  }

  #heard(frame) {
    this.#listen();
    if (frame.type === "subscribed") {
      Object.assign(this.#positions, frame.accounts);
      this.handlers.opened();
    } else if (frame.type === "reset") {
      this.#positions[frame.account] = { seq: frame.seq, epoch: frame.epoch };
      this.handlers.changed(frame);
    } else if (frame.type === "event") this.#event(frame);
    else if (frame.type === "fresh") this.handlers.fresh(frame.accounts);
    else if (frame.type === "viewing") this.handlers.viewing(frame);
  }

  #event(frame) {
    const known = this.#positions[frame.account];
    if (known && known.epoch === frame.epoch && frame.seq <= known.seq) return;
    if (known && (known.epoch !== frame.epoch || frame.seq !== known.seq + 1)) {
      this.#subscribe();
      return;
    }
    this.#positions[frame.account] = { seq: frame.seq, epoch: frame.epoch };
    this.handlers.changed(frame);
  }

  #lost(code) {
    clearTimeout(this.#silence);
    this.#socket = null;
    if (code === SIGNED_OUT) {
      this.handlers.signedOut();
      return;
    }
    this.handlers.closed();
    this.#timer = setTimeout(() => this.connect(), this.#wait * (0.75 + Math.random() / 2));
    this.#wait = Math.min(LONGEST_WAIT_MS, this.#wait * 2);
  }
}
