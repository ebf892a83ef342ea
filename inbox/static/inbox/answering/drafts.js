// @ts-check
// What was begun and not sent: kept on this device, by who wrote it and where. Pure but for the storage it is given.

/**
 * `basedOn`, `answer`: the newest item, and the newest answer of a colleague, that the page showed when it was begun.
 * `basedOn` is empty if there was nothing; both are left out where nobody knows what it showed. `clientId`: the name under which it was sent, if it was and nobody knows whether it came. `at`: ms.
 * @typedef {{text: string, basedOn?: string | undefined, answer?: string | undefined, at: number, clientId?: string}} Draft
 * @typedef {{account: string, key: string, target: string}} Place
 */

const KEEP_MS = 30 * 86_400_000;
const MOST = 200;

export class Drafts {
  /**
   * @param {Storage} storage
   * @param {string} user whose drafts these are: a device may be of several
   */
  constructor(storage, user) {
    this.storage = storage;
    this.prefix = `draft ${encodeURIComponent(user)} `;
  }

  /**
   * @param {Place} place
   * @returns {Draft | null}
   */
  get(place) {
    return this.#read(this.#key(place));
  }

  /**
   * Keep it; an empty one is dropped.
   * @param {Place} place
   * @param {Draft} draft
   */
  put(place, draft) {
    if (!draft.text.trim()) {
      this.drop(place);
      return;
    }
    try {
      this.storage.setItem(this.#key(place), JSON.stringify(draft));
    } catch {
      // A device without room: the field still has it.
    }
  }

  /** @param {Place} place */
  drop(place) {
    this.storage.removeItem(this.#key(place));
  }

  /** Return where something was begun, as `account target`. */
  places() {
    const places = this.#keys().map((key) => key.slice(this.prefix.length).split(" "));
    return new Set(places.map(([account = "", , target = ""]) => decode(account, target)));
  }

  /**
   * Drop what is old, and the oldest of too many.
   * @param {number} now ms
   */
  prune(now) {
    /** @type {[number, string][]} */
    const kept = this.#keys().map((key) => [this.#read(key)?.at ?? 0, key]);
    kept.sort(([one], [other]) => other - one);
    for (const [at, key] of kept.filter(([at], index) => now - at > KEEP_MS || index >= MOST)) {
      if (at < now) this.storage.removeItem(key);
    }
  }

  /**
   * @param {string} key
   * @returns {Draft | null}
   */
  #read(key) {
    return parse(this.storage.getItem(key));
  }

  /**
   * Return the words of the draft there before and after a change that another window made; null if it is of another.
   * @param {Place} place
   * @param {{key: string | null, oldValue: string | null, newValue: string | null}} change
   */
  changeAt(place, { key, oldValue, newValue }) {
    if (key !== this.#key(place)) return null;
    return { before: (parse(oldValue)?.text ?? "").trim(), after: parse(newValue)?.text ?? "" };
  }

  /** @param {Place} place */
  #key({ account, key, target }) {
    return this.prefix + [account, key, target].map(encodeURIComponent).join(" ");
  }

  #keys() {
    const keys = Array.from({ length: this.storage.length }, (_, index) => this.storage.key(index) ?? "");
    return keys.filter((key) => key.startsWith(this.prefix));
  }
}

/**
 * @param {string | null} kept
 * @returns {Draft | null}
 */
function parse(kept) {
  try {
    const draft = JSON.parse(kept ?? "null");
    return typeof draft?.text === "string" ? draft : null;
  } catch {
    return null;
  }
}

/**
 * @param {string} account
 * @param {string} target
 */
const decode = (account, target) => `${decodeURIComponent(account)} ${decodeURIComponent(target)}`;
