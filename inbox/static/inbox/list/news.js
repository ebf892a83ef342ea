// @ts-check
// Who is new in a list, or wrote again, and was not seen there yet. The server tells its newest rows; a row may stand
// anywhere in the list, also where it is not loaded. Pure.

/**
 * A row among the newest of a list, the newest first. `time`: ms UTC of its newest item. `calls`: somebody else's unread
 * words, in a thread that is not muted.
 * @typedef {[id: string, time: number, calls: boolean]} Newest
 */

/** As many rows as the server tells at most. */
export const WINDOW = 50;

/**
 * Read the attribute in which the server tells them; empty for none.
 * @param {string | undefined} text
 * @returns {Newest[]}
 */
export function parseNewest(text) {
  return text ? JSON.parse(text) : [];
}

export class News {
  /** @type {Map<string, number>} row -> time, as it was told last */
  #known = new Map();
  /** What is older than this and was not told before has only moved up into the window. */
  #floor = Number.NEGATIVE_INFINITY;
  /** @type {Set<string>} */
  #unseen = new Set();

  get ids() {
    return this.#unseen;
  }

  /**
   * Another list: everything in it is known.
   * @param {Newest[]} newest
   */
  begin(newest) {
    this.#unseen.clear();
    this.#remember(newest);
  }

  /**
   * The same list, as the server has it now.
   * @param {Newest[]} newest
   */
  take(newest) {
    for (const [id, time, calls] of newest) {
      if (!calls) this.#unseen.delete(id);
      else if (time > (this.#known.get(id) ?? this.#floor - 1)) this.#unseen.add(id);
    }
    const told = new Set(newest.map(([id]) => id));
    if (newest.length < WINDOW) for (const id of this.#unseen) if (!told.has(id)) this.#unseen.delete(id);
    this.#remember(newest);
  }

  /**
   * Somebody had these rows before their eyes.
   * @param {Iterable<string>} ids
   */
  see(ids) {
    for (const id of ids) this.#unseen.delete(id);
  }

  /** @param {Newest[]} newest */
  #remember(newest) {
    this.#known = new Map(newest.map(([id, time]) => [id, time]));
    this.#floor = newest.length < WINDOW ? Number.NEGATIVE_INFINITY : (newest.at(-1)?.[1] ?? 0);
  }
}
