// @ts-check
// How far this page knows the events of each account, and what a new one means for it. Pure.

/** @import {EventFrame, Position, ResetFrame} from "../api/shapes.js" */

export class Positions {
  /** @type {Record<string, Position>} account id -> its last event that was heard */
  #known = {};

  /** What a subscription goes on from; undefined before the first one. */
  get since() {
    return Object.keys(this.#known).length ? this.#known : undefined;
  }

  /**
   * Take over where the hub says that each account is.
   * @param {Record<string, Position>} accounts
   */
  subscribed(accounts) {
    Object.assign(this.#known, accounts);
  }

  /** @param {ResetFrame} frame */
  reset(frame) {
    this.#known[frame.account] = { seq: frame.seq, epoch: frame.epoch };
  }

  /**
   * Take an event, and tell what it is: `next`; `known` if it was heard before; `gap` if one before it was not heard,
   * or if the numbers began anew, and then it is not taken.
   * @param {Pick<EventFrame, "account" | "seq" | "epoch">} frame
   * @returns {"next" | "known" | "gap"}
   */
  take(frame) {
    const known = this.#known[frame.account];
    if (known && known.epoch === frame.epoch && frame.seq <= known.seq) return "known";
    if (known && (known.epoch !== frame.epoch || frame.seq !== known.seq + 1)) return "gap";
    this.#known[frame.account] = { seq: frame.seq, epoch: frame.epoch };
    return "next";
  }
}
