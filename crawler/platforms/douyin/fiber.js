// @ts-check
// biome-ignore-all lint/correctness/noUnusedVariables: fiber.py calls these functions by their names
// What the page keeps in memory behind its elements, searched by shape. Reads only; leaves nothing in the page.

/**
 * An object of the page. `kind` says which.
 * @typedef {Record<string, unknown>} Thing
 * @typedef {"message" | "conversation" | "notice" | "work"} Kind
 */

/**
 * What React hangs behind an element.
 * @typedef {{memoizedProps: unknown, return?: Fiber | null, child?: Fiber | null}} Fiber
 */

/**
 * Which rows: those of the first selector that has rows with objects of the kind.
 * @typedef {{selectors: string[], kind: Kind}} Rows
 */

const LEVELS = 20;
const BUDGET = 60000;

/** @type {Record<Kind, (o: Thing) => boolean>} */
const KINDS = {
  message: (o) => "serverId" in o,
  conversation: (o) => "participants" in o || "firstPageParticipant" in o || "toParticipantUserId" in o,
  notice: (o) => "nid_str" in o,
  work: (o) => "item_id_plain" in o || "aweme_id" in o,
};
/** @type {Record<Kind, (o: Thing) => unknown>} */
const IDS = {
  message: (o) => o.serverId,
  conversation: (o) => o.id ?? o.conversationId,
  notice: (o) => o.nid_str,
  work: (o) => o.item_id_plain ?? o.aweme_id,
};

/**
 * @param {Element} element
 * @returns {Fiber | null}
 */
function fiberOf(element) {
  const key = Object.keys(element).find((name) => name.startsWith("__reactFiber$"));
  return key === undefined ? null : /** @type {Record<string, Fiber>} */ (/** @type {object} */ (element))[key];
}

/**
 * @param {unknown} value
 * @returns {value is Thing}
 */
function isObject(value) {
  return typeof value === "object" && value !== null && !(value instanceof Node) && !("$$typeof" in value);
}

/**
 * Return a copy that survives JSON: BigInt and Long keep all their digits, dates are ISO strings.
 * @param {unknown} value
 * @param {number} [depth]
 * @returns {unknown}
 */
function plain(value, depth = 8) {
  if (typeof value === "bigint") return value.toString();
  if (typeof value !== "object" || value === null) return typeof value === "function" ? undefined : value;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof Node || depth === 0) return undefined;
  if (Array.isArray(value)) return value.slice(0, 500).map((item) => plain(item, depth - 1) ?? null);
  if (value instanceof Map) return plain(Object.fromEntries(value), depth);
  const thing = /** @type {Thing} */ (value);
  /** @type {Thing} */
  const copy = {};
  for (const key of Object.keys(thing)) copy[key] = plain(thing[key], depth - 1);
  // Objects with getters on their class keep these outside of their own keys.
  for (const key of ["serverId", "conversationId", "id", "_badgeCount", "lastMessage"]) {
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
function single(props, kind, depth = 2) {
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
function nearest(element, kind) {
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
  if (!Array.isArray(value) && !(value instanceof Map) && KINDS[kind](value)) {
    const id = IDS[kind](value);
    if (id !== undefined && id !== null && !found.has(String(id))) found.set(String(id), value);
    return;
  }
  if (depth === 0) return;
  for (const one of innerOf(value)) harvest(one, kind, seen, found, depth - 1);
}

/** @param {Thing} value */
function innerOf(value) {
  if (value instanceof Map) return [...value.values()];
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
  for (const element of document.body.querySelectorAll("*")) {
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
function everything({ kind }) {
  const seen = new Set();
  /** @type {Map<string, Thing>} */
  const found = new Map();
  for (const props of allProps()) harvest(props, kind, seen, found, 4);
  return [...found.values()].map((one) => plain(one));
}

/** Return the page's own user cards (`userInfoFromServerMap`), by the same search. */
function users() {
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
    if (isObject(map)) found.push(...(map instanceof Map ? map.values() : Object.values(map)));
    else if (!Array.isArray(value)) for (const one of innerOf(value)) look(one, depth - 1);
  };
  for (const props of allProps()) look(props, 3);
  return found.map((one) => plain(one, 4));
}

/** @param {Element} element */
function isShown(element) {
  const box = element.getBoundingClientRect();
  return box.width > 0 && box.height > 0;
}

/**
 * Return the rows of the first selector that has rows with objects; without any, the rows of the first that has some.
 * @param {string[]} selectors
 * @param {Kind} kind
 * @returns {HTMLElement[]}
 */
function rowElements(selectors, kind) {
  /** @type {HTMLElement[]} */
  let bare = [];
  for (const selector of selectors) {
    const shown = [.../** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(selector))].filter(isShown);
    const innermost = shown.filter((one) => !shown.some((other) => other !== one && one.contains(other)));
    if (innermost.some((one) => nearest(one, kind))) return innermost;
    if (bare.length === 0) bare = innermost;
  }
  return bare;
}

/** @param {Rows} given */
function rows({ selectors, kind }) {
  return rowElements(selectors, kind).map((element) => {
    const object = nearest(element, kind);
    // biome-ignore lint/performance/useDomNodeTextContent: what a person sees of the row, line by line
    const text = element.innerText.slice(0, 200);
    return { text, id: object ? String(IDS[kind](object)) : null, raw: object && plain(object) };
  });
}

/** @param {Rows & {id: string}} given */
function rowOf({ selectors, kind, id }) {
  const hits = rowElements(selectors, kind).filter((element) => {
    const object = nearest(element, kind);
    return object !== null && String(IDS[kind](object)) === id;
  });
  return hits.length === 1 ? hits[0] : null;
}

/** @param {Element} element */
function scrolls(element) {
  const how = getComputedStyle(element).overflowY;
  return (how === "auto" || how === "scroll") && element.scrollHeight > element.clientHeight + 1;
}

/** The page itself as that which scrolls. */
const whole = () => document.scrollingElement ?? document.documentElement;

/**
 * Return what scrolls the element.
 * @param {Element | undefined} element
 */
function scroller(element) {
  for (let one = element?.parentElement; one; one = one.parentElement) if (scrolls(one)) return one;
  return whole();
}

/**
 * Move the list that holds the rows: to its start, its end, or one view on. Answers where it stands.
 * @param {Rows & {to: "start" | "next" | "end"}} given
 */
function scrollRows({ selectors, kind, to }) {
  const list = scroller(rowElements(selectors, kind)[0]);
  if (to === "start") list.scrollTop = 0;
  if (to === "end") list.scrollTop = list.scrollHeight;
  if (to === "next") list.scrollTop += Math.max(80, Math.floor(list.clientHeight * 0.7));
  return { top: list.scrollTop, atEnd: list.scrollTop + list.clientHeight >= list.scrollHeight - 2 };
}

/** Move everything that scrolls to its end; a step back first, or a list that stands there already hears nothing. */
async function scrollAll() {
  const all = [whole(), ...[...document.body.querySelectorAll("*")].filter((one) => one !== whole() && scrolls(one))];
  for (const one of all) one.scrollTop = Math.max(0, one.scrollHeight - one.clientHeight - 120);
  await new Promise((done) => setTimeout(done, 30));
  for (const one of all) one.scrollTop = one.scrollHeight;
}
