// @ts-check
// Several windows of one browser: one of them speaks for all, and each can say what it shows. What it needs of the
// browser is passed in.
import { wait } from "../page/wait.js";

/**
 * What windows say to each other: who shows this thread? I do. I speak now.
 * @typedef {{ask?: string, seen?: string, claim?: true}} Said
 */

/**
 * @typedef {object} Ports
 * @property {Pick<BroadcastChannel, "postMessage" | "onmessage">} channel between the windows of one browser
 * @property {{request: (name: string, held: () => Promise<void>) => unknown} | undefined} locks absent on plain http
 * @property {(threadId: string) => boolean} isOpenHere whether somebody looks at it in this window
 * @property {() => number} [now] ms
 * @property {(ms: number) => Promise<void>} [pause]
 * @property {() => number} [random] 0 to 1
 */

const LOCK = "imhub-notices";
const ANSWER_MS = 1_000; // a window that draws what arrived, as the others do, answers late
const CLAIM_MS = 200;

export class Windows {
  #speaks = false;
  #claimed = 0; // until when another window speaks
  /** @type {Set<string>} */
  #seen = new Set();

  /** @param {Ports} ports */
  constructor({ channel, locks, isOpenHere, now = Date.now, pause = wait, random = Math.random }) {
    this.channel = channel;
    this.locks = locks;
    this.isOpenHere = isOpenHere;
    this.now = now;
    this.pause = pause;
    this.random = random;
    channel.onmessage = ({ data }) => this.#heard(data);
    // Held as long as the window is open; then another one gets it.
    locks?.request(LOCK, () => {
      this.#speaks = true;
      return new Promise(() => {});
    });
  }

  /** @param {Said} said */
  #heard({ ask, seen, claim }) {
    if (ask && this.isOpenHere(ask)) this.#say({ seen: ask });
    if (seen) this.#seen.add(seen);
    if (claim) this.#claimed = this.now() + CLAIM_MS;
  }

  /** @param {Said} said */
  #say(said) {
    this.channel.postMessage(said);
  }

  /**
   * Return whether another window has the thread open, visible and focused.
   * @param {string} threadId
   */
  async isSeenElsewhere(threadId) {
    this.#seen.delete(threadId);
    this.#say({ ask: threadId });
    await this.pause(ANSWER_MS);
    return this.#seen.has(threadId);
  }

  /**
   * Call `act`, unless another window of this browser does it. Without locks whoever calls first.
   * @param {() => void} act
   */
  async onlyOne(act) {
    if (this.locks) {
      if (this.#speaks) act();
      return;
    }
    await this.pause(this.random() * CLAIM_MS);
    if (this.now() < this.#claimed) return;
    this.#say({ claim: true });
    act();
  }
}
