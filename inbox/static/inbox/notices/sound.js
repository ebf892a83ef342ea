// @ts-check
// One soft sound, at most every ten seconds. A browser allows it once somebody has touched the page.
const EVERY_MS = 10_000;
const NOTES_HZ = [659, 880];
const NOTE_S = 0.16;
const LOUDNESS = 0.06;
let last = -EVERY_MS;
/** @type {AudioContext | undefined} */
let context;

export function chime() {
  const now = performance.now();
  if (now - last < EVERY_MS) return;
  last = now;
  context ??= new AudioContext();
  if (context.state === "suspended") context.resume();
  for (const [index, frequency] of NOTES_HZ.entries()) play(context, frequency, context.currentTime + index * NOTE_S);
}

/**
 * @param {AudioContext} context
 * @param {number} frequency Hz
 * @param {number} at seconds of the context's clock
 */
function play(context, frequency, at) {
  const tone = new OscillatorNode(context, { type: "sine", frequency });
  const loudness = new GainNode(context, { gain: 0 });
  loudness.gain.setValueAtTime(0, at);
  loudness.gain.linearRampToValueAtTime(LOUDNESS, at + 0.02);
  loudness.gain.exponentialRampToValueAtTime(0.0001, at + 2 * NOTE_S);
  tone.connect(loudness).connect(context.destination);
  tone.start(at);
  tone.stop(at + 2 * NOTE_S);
}
