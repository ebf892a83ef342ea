// @ts-check
// Whether a hand is in the list: rows do not move under it, and are let go soon after it left. Pure; moments in ms.

/** Rows stay for so long after the hand left them. */
export const AFTER_MS = 10_000;
/** A pointer that lies still for so long belongs to no hand. */
export const PARKED_MS = 60_000;

export class Hand {
  #isInside = false;
  #at = Number.NEGATIVE_INFINITY;

  /**
   * The pointer moved.
   * @param {boolean} isInside whether it is over the rows
   * @param {number} now
   */
  moved(isInside, now) {
    if (isInside || this.#isInside) this.#at = now;
    this.#isInside = isInside;
  }

  /**
   * A key, a finger or a wheel acted on the rows.
   * @param {number} now
   */
  acted(now) {
    this.#at = now;
  }

  /**
   * Return the moment at which rows may move, if the hand does nothing more.
   * @returns {number}
   */
  get freeAt() {
    return this.#at + (this.#isInside ? PARKED_MS : AFTER_MS);
  }

  /** @param {number} now */
  isIn(now) {
    return now < this.freeAt;
  }
}
