// @ts-check
// What the page keeps in memory behind its elements, searched by shape. Reads only; leaves nothing in the page.
// fiber.py joins this with what imports it.

/**
 * An object of the page. `kind` says which.
 * @typedef {Record<string, unknown>} Thing
 * @typedef {"message" | "conversation" | "notice" | "work" | "comment"} Kind
 */

/**
 * What React hangs behind an element.
 * @typedef {{memoizedProps: unknown, return?: Fiber | null, child?: Fiber | null}} Fiber
 */

const LEVELS = 20;
const BUDGET = 60000;

/** @type {Record<Kind, (o: Thing) => boolean>} */
export const KINDS = {
  message: (o) => "serverId" in o,
  conversation: (o) => "participants" in o || "firstPageParticipant" in o || "toParticipantUserId" in o,
  notice: (o) => "nid_str" in o,
  work: (o) => !("cid" in o) && ("item_id_plain" in o || "aweme_id" in o),
  comment: (o) => "cid" in o && "text" in o,
};
/** @type {Record<Kind, (o: Thing) => unknown>} */
export const IDS = {
  message: (o) => o.serverId,
  conversation: (o) => o.id ?? o.conversationId,
  notice: (o) => o.nid_str,
  work: (o) => o.item_id_plain ?? o.aweme_id,
  comment: (o) => o.cid,
};

/**
 * Return all elements of the page that match, also those in a frame of the micro-app that some builds put messages into.
 * @param {string} selector
 */
export function all(selector) {
  const shadows = [...document.querySelectorAll("wujie-app")].flatMap((host) => host.shadowRoot ?? []);
  return [document, ...shadows].flatMap((top) => [
    .../** @type {NodeListOf<HTMLElement>} */ (top.querySelectorAll(selector)),
  ]);
}

/**
 * Return what an element stands in: also what the frame of the micro-app stands in.
 * @param {Element} element
 * @returns {Element | null}
 */
export function parentOf(element) {
  const top = element.getRootNode();
  return element.parentElement ?? (top instanceof ShadowRoot ? top.host : null);
}

/**
 * @param {Element} element
 * @returns {Fiber | null}
 */
export function fiberOf(element) {
  const key = Object.keys(element).find((name) => name.startsWith("__reactFiber$"));
  return key === undefined ? null : /** @type {Record<string, Fiber>} */ (/** @type {object} */ (element))[key];
}

/**
 * @param {unknown} value
 * @returns {value is Thing}
 */
export function isObject(value) {
  return typeof value === "object" && value !== null && !isNode(value) && !("$$typeof" in value);
}

// A micro-app makes its objects in a frame, whose classes are not ours: `instanceof` would not know them.
/** @param {object} value */
const isNode = (value) => "nodeType" in value && "ownerDocument" in value;
/**
 * @param {unknown} value
 * @returns {value is Map<unknown, unknown>}
 */
export const isMap = (value) => Object.prototype.toString.call(value) === "[object Map]";
/**
 * @param {unknown} value
 * @returns {value is Date}
 */
const isDate = (value) => Object.prototype.toString.call(value) === "[object Date]";

/**
 * Return a copy that survives JSON: BigInt and Long keep all their digits, dates are ISO strings.
 * @param {unknown} value
 * @param {number} [depth]
 * @returns {unknown}
 */
export function plain(value, depth = 8) {
  if (typeof value === "bigint") return value.toString();
  if (typeof value !== "object" || value === null) return typeof value === "function" ? undefined : value;
  if (isDate(value)) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (isNode(value) || depth === 0) return undefined;
  if (Array.isArray(value)) return value.slice(0, 500).map((item) => plain(item, depth - 1) ?? null);
  if (isMap(value)) return plain(Object.fromEntries(value), depth);
  const thing = /** @type {Thing} */ (value);
  /** @type {Thing} */
  const copy = {};
  for (const key of Object.keys(thing)) copy[key] = plain(thing[key], depth - 1);
  // Objects with getters on their class keep these outside of their own keys.
  for (const key of ["serverId", "conversationId", "id", "_badgeCount", "lastMessage", "isFromMe", "flightStatus"]) {
    if (copy[key] === undefined && key in thing) copy[key] = plain(thing[key], depth - 1);
  }
  return copy;
}

/**
 * Yield the fibers around an element, nearest first: itself, then in turn one level up and one level down.
 * @param {Fiber} fiber
 * @returns {Generator<Fiber>}
 */
function* around(fiber) {
  yield fiber;
  let up = fiber.return;
  let down = fiber.child;
  for (let level = 0; level < LEVELS && (up || down); level += 1) {
    if (up) yield up;
    if (down) yield down;
    up = up?.return;
    down = down?.child;
  }
}

/**
 * Return one object of the kind in props, not one of many: an array belongs to the list, not to the row.
 * @param {unknown} props
 * @param {Kind} kind
 * @param {number} [depth]
 * @returns {Thing | null}
 */
export function single(props, kind, depth = 2) {
  if (!isObject(props) || Array.isArray(props)) return null;
  if (kind === "message" && KINDS.conversation(props)) return null;
  if (KINDS[kind](props)) return props;
  if (depth === 0) return null;
  for (const key of Object.keys(props)) {
    if (key === "children") continue;
    const found = single(props[key], kind, depth - 1);
    if (found) return found;
  }
  return null;
}

/**
 * Return the object that an element stands for.
 * @param {Element} element
 * @param {Kind} kind
 */
export function nearest(element, kind) {
  const fiber = fiberOf(element);
  if (!fiber) return null;
  for (const one of around(fiber)) {
    const found = single(one.memoizedProps, kind);
    if (found) return found;
  }
  return null;
}

/**
 * @param {unknown} value
 * @param {Kind} kind
 * @param {Set<unknown>} seen
 * @param {Map<string, Thing>} found
 * @param {number} depth
 */
function harvest(value, kind, seen, found, depth) {
  if (!isObject(value) || seen.has(value) || seen.size > BUDGET) return;
  seen.add(value);
  // A conversation's last message is not a message that is on the screen.
  if (kind === "message" && KINDS.conversation(value)) return;
  if (!Array.isArray(value) && !isMap(value) && KINDS[kind](value)) {
    const id = IDS[kind](value);
    if (id !== undefined && id !== null && !found.has(String(id))) found.set(String(id), value);
    return;
  }
  if (depth === 0) return;
  for (const one of innerOf(value)) harvest(one, kind, seen, found, depth - 1);
}

/** @param {Thing} value */
function innerOf(value) {
  if (isMap(value)) return [...value.values()];
  return Object.keys(value)
    .filter((key) => key !== "children")
    .map((key) => value[key]);
}

/**
 * Yield what hangs behind all elements of the page, each once.
 * @returns {Generator<unknown>}
 */
function* allProps() {
  /** @type {Set<Fiber>} */
  const fibers = new Set();
  for (const element of all("*")) {
    const fiber = fiberOf(element);
    for (const one of fiber ? around(fiber) : []) {
      if (fibers.has(one)) continue;
      fibers.add(one);
      yield one.memoizedProps;
    }
  }
}

/**
 * Return all objects of the kind that any element of the page reaches.
 * @param {{kind: Kind}} given
 */
export function everything({ kind }) {
  const seen = new Set();
  /** @type {Map<string, Thing>} */
  const found = new Map();
  for (const props of allProps()) harvest(props, kind, seen, found, 4);
  return [...found.values()].map((one) => plain(one));
}

/** Return the page's own user cards (`userInfoFromServerMap`), by the same search. */
export function users() {
  /** @type {unknown[]} */
  const found = [];
  const seen = new Set();
  /**
   * @param {unknown} value
   * @param {number} depth
   */
  const look = (value, depth) => {
    if (!isObject(value) || seen.has(value) || depth === 0) return;
    seen.add(value);
    const map = value.userInfoFromServerMap;
    if (isObject(map)) found.push(...(isMap(map) ? map.values() : Object.values(map)));
    else if (!Array.isArray(value)) for (const one of innerOf(value)) look(one, depth - 1);
  };
  for (const props of allProps()) look(props, 3);
  return found.map((one) => plain(one, 4));
}
