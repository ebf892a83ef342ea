// @ts-check
// Protobuf by hand: what is needed to read the IM host's answers, and to ask it.

/** @typedef {string | number | bigint | boolean | null | undefined | Fields | Fields[]} Value */
/** @typedef {{[number: number]: Value}} Fields */

const utf8 = new TextEncoder();
const text = new TextDecoder();

/** One message: its fields by number, each with all its values. */
export class Message {
  /** @param {Uint8Array<ArrayBuffer>} bytes */
  constructor(bytes) {
    /** @type {Map<number, (bigint | Uint8Array<ArrayBuffer>)[]>} */
    this.fields = new Map();
    let at = 0;
    const varint = () => {
      let value = 0n;
      for (let shift = 0n; ; shift += 7n) {
        const byte = bytes[at] ?? 0;
        at += 1;
        value |= BigInt(byte & 0x7f) << shift;
        if (byte < 0x80) return value;
      }
    };
    while (at < bytes.length) {
      const key = Number(varint());
      const value = varint();
      const isBytes = (key & 7) === 2;
      const held = isBytes ? bytes.slice(at, at + Number(value)) : value;
      if (isBytes) at += Number(value);
      this.fields.set(key >> 3, [...(this.fields.get(key >> 3) ?? []), held]);
    }
  }

  /** @param {number} number */
  last(number) {
    return this.fields.get(number)?.at(-1);
  }

  /** @param {number} number */
  has(number) {
    return this.fields.has(number);
  }

  /**
   * A number of things, a state.
   * @param {number} number
   */
  number(number) {
    return Number(this.id(number) || 0);
  }

  /**
   * A number of up to 19 digits, as text.
   * @param {number} number
   */
  id(number) {
    const value = this.last(number);
    return typeof value === "bigint" ? value.toString() : "";
  }

  /** @param {number} number */
  bytes(number) {
    const value = this.last(number);
    return value instanceof Uint8Array ? value : new Uint8Array();
  }

  /** @param {number} number */
  text(number) {
    return text.decode(this.bytes(number));
  }

  /** @param {number} number */
  message(number) {
    return new Message(this.bytes(number));
  }

  /** @param {number} number */
  all(number) {
    return (this.fields.get(number) ?? []).map(
      (one) => new Message(one instanceof Uint8Array ? one : new Uint8Array()),
    );
  }
}

/**
 * Return the bytes of a message. Nothing, or null: the field is left out.
 * @param {Fields} fields
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function encode(fields) {
  /** @type {number[]} */
  const out = [];
  for (const [number, value] of Object.entries(fields)) {
    for (const one of Array.isArray(value) ? value : [value]) write(out, Number(number), one);
  }
  return Uint8Array.from(out);
}

/**
 * @param {number[]} out
 * @param {number} number
 * @param {Exclude<Value, Fields[]>} value
 */
function write(out, number, value) {
  if (value === null || value === undefined) return;
  if (typeof value === "object" || typeof value === "string") {
    const bytes = typeof value === "string" ? utf8.encode(value) : encode(value);
    varint(out, BigInt((number << 3) | 2));
    varint(out, BigInt(bytes.length));
    for (const byte of bytes) out.push(byte);
  } else {
    varint(out, BigInt(number << 3));
    varint(out, BigInt(value));
  }
}

/**
 * @param {number[]} out
 * @param {bigint} value
 */
function varint(out, value) {
  let rest = value;
  while (rest > 0x7fn) {
    out.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  out.push(Number(rest));
}
