// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { Windows } from "../../../inbox/static/inbox/notices/windows.js";

/** A browser: what one window says all others hear, and a lock is held by the first that asks until it closes. */
class Browser {
  /** @type {Set<{onmessage: ((event: any) => any) | null}>} */
  #channels = new Set();
  /** @type {{open: boolean, held: () => unknown}[]} */
  #waiting = [];
  now = 0;

  channel() {
    const others = () => [...this.#channels].filter((one) => one !== mine);
    const mine = {
      /** @type {((event: any) => any) | null} */
      onmessage: null,
      postMessage: (/** @type {unknown} */ data) => {
        for (const one of others()) one.onmessage?.({ data });
      },
    };
    this.#channels.add(mine);
    return mine;
  }

  /**
   * @param {{shows?: string, hasLocks?: boolean, random?: number}} [settings]
   */
  open({ shows, hasLocks = true, random = 0 } = {}) {
    const place = { open: true, held: () => {} };
    const request = (/** @type {string} */ _name, /** @type {() => Promise<void>} */ held) => {
      place.held = held;
      this.#waiting.push(place);
      if (this.#waiting.filter((one) => one.open).length === 1) held();
    };
    const windows = new Windows({
      channel: this.channel(),
      locks: hasLocks ? { request } : undefined,
      isOpenHere: (thread) => thread === shows,
      now: () => this.now,
      pause: async (ms) => {
        this.now = Math.max(this.now, ms);
      },
      random: () => random,
    });
    const close = () => {
      place.open = false;
      this.#waiting.find((one) => one.open)?.held();
    };
    return { windows, close };
  }
}

/** @param {...{windows: Windows}} all */
async function spokenBy(...all) {
  /** @type {number[]} */
  const told = [];
  for (const [index, { windows }] of all.entries()) await windows.onlyOne(() => told.push(index));
  return told;
}

test("of several windows the first one speaks, and only that one", async () => {
  const browser = new Browser();
  assert.deepEqual(await spokenBy(browser.open(), browser.open(), browser.open()), [0]);
});

test("when it closes another one speaks", async () => {
  const browser = new Browser();
  const [first, second, third] = [browser.open(), browser.open(), browser.open()];
  first.close();
  assert.deepEqual(await spokenBy(second, third), [0]);
});

test("without locks whoever calls first speaks, and the others hear that", async () => {
  const browser = new Browser();
  const all = [0.1, 0.5, 0.9].map((random) => browser.open({ hasLocks: false, random }));
  assert.deepEqual(await spokenBy(...all), [0]);
});

test("a claim ends: what comes later is told again", async () => {
  const browser = new Browser();
  const [one, other] = [browser.open({ hasLocks: false }), browser.open({ hasLocks: false })];
  await spokenBy(one);
  browser.now = 1_000;
  assert.deepEqual(await spokenBy(other), [0]);
});

test("a window that shows the thread says so to the others, and not to itself", async () => {
  const browser = new Browser();
  const [asking, showing] = [browser.open(), browser.open({ shows: "conv_1" })];
  assert.equal(await asking.windows.isSeenElsewhere("conv_1"), true);
  assert.equal(await asking.windows.isSeenElsewhere("conv_2"), false);
  assert.equal(await showing.windows.isSeenElsewhere("conv_1"), false);
});

test("what was seen once is asked again the next time", async () => {
  const browser = new Browser();
  let shows = "conv_1";
  const asking = browser.open();
  const channel = browser.channel();
  new Windows({ channel, locks: undefined, isOpenHere: (thread) => thread === shows });
  assert.equal(await asking.windows.isSeenElsewhere("conv_1"), true);
  shows = "another";
  assert.equal(await asking.windows.isSeenElsewhere("conv_1"), false);
});
