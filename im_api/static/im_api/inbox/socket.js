// The websocket of the hub: subscribes, notices gaps, comes back by itself.
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 10_000;
const SILENCE_MS = 30_000; // the hub tells how fresh it is every 10 s
const SIGNED_OUT = 4001;

/** Calls `changed(frame)` for an event or a reset, `fresh()`, `opened()` and `closed()`. */
export class HubSocket {
  #positions = {};
  #wait = FIRST_WAIT_MS;
  #timer;
  #socket;
  #silence;

  constructor(handlers) {
    this.handlers = handlers;
    addEventListener("online", () => this.#now());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.#now());
  }

  connect() {
    clearTimeout(this.#timer);
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/im/`);
    this.#socket = socket;
    socket.addEventListener("open", () => {
      this.#wait = FIRST_WAIT_MS;
      this.#subscribe();
    });
    socket.addEventListener("message", (event) => this.#heard(JSON.parse(event.data)));
    socket.addEventListener("close", (event) => socket === this.#socket && this.#lost(event.code));
  }

  #subscribe() {
    const since = Object.keys(this.#positions).length ? { since: this.#positions } : {};
    this.#send({ type: "subscribe", accounts: "all", ...since });
  }

  #send(frame) {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame));
  }

  #heard(frame) {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#socket.close(), SILENCE_MS);
    if (frame.type === "subscribed") {
      Object.assign(this.#positions, frame.accounts);
      this.handlers.opened();
    } else if (frame.type === "reset") {
      this.#positions[frame.account] = { seq: frame.seq, epoch: frame.epoch };
      this.handlers.changed(frame);
    } else if (frame.type === "event") this.#event(frame);
    else if (frame.type === "fresh") this.handlers.fresh();
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
    if (code === SIGNED_OUT) {
      location.reload();
      return;
    }
    this.handlers.closed();
    this.#timer = setTimeout(() => this.connect(), this.#wait * (0.75 + Math.random() / 2));
    this.#wait = Math.min(LONGEST_WAIT_MS, this.#wait * 2);
  }

  #now() {
    if (this.#socket?.readyState === WebSocket.CLOSED) this.connect();
  }
}
