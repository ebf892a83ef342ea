// @ts-check
// How long to wait between two tries: twice as long each time, never at the same moment as all others. Pure.

export class Backoff {
  #wait;

  /**
   * @param {number} firstMs
   * @param {number} longestMs
   * @param {() => number} [random] 0 to 1
   */
  constructor(firstMs, longestMs, random = Math.random) {
    this.firstMs = firstMs;
    this.longestMs = longestMs;
    this.random = random;
    this.#wait = firstMs;
  }

  /** ms until the next try. */
  next() {
    const wait = this.#wait * (0.75 + this.random() / 2);
    this.#wait = Math.min(this.longestMs, this.#wait * 2);
    return wait;
  }

  /** It worked: the next wait is the first again. */
  reset() {
    this.#wait = this.firstMs;
  }
}
