// What the page keeps in memory behind its elements, searched by shape. Reads only; leaves nothing in the page.
const LEVELS = 20;
const BUDGET = 60000;

const KINDS = {
  message: (o) => "serverId" in o,
  conversation: (o) => "participants" in o || "firstPageParticipant" in o,
  notice: (o) => "nid_str" in o,
  work: (o) => "item_id_plain" in o || "aweme_id" in o,
};
const IDS = {
  message: (o) => o.serverId,
  conversation: (o) => o.id ?? o.conversationId,
  notice: (o) => o.nid_str,
  work: (o) => o.item_id_plain ?? o.aweme_id,
};

function fiberOf(element) {
  const key = Object.keys(element).find((name) => name.startsWith("__reactFiber$"));
  return key === undefined ? null : element[key];
}

function isObject(value) {
  return typeof value === "object" && value !== null && !(value instanceof Node) && !("$$typeof" in value);
}

// A copy that survives JSON: BigInt and Long keep all their digits, dates are ISO strings.
function plain(value, depth = 8) {
  if (typeof value === "bigint") return value.toString();
  if (typeof value !== "object" || value === null) return typeof value === "function" ? undefined : value;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof Node || depth === 0) return undefined;
  if (Array.isArray(value)) return value.slice(0, 500).map((item) => plain(item, depth - 1) ?? null);
  if (value instanceof Map) return plain(Object.fromEntries(value), depth);
  const copy = {};
  for (const key of Object.keys(value)) copy[key] = plain(value[key], depth - 1);
  // Objects with getters on their class keep these outside of their own keys.
  for (const key of ["serverId", "conversationId", "id", "_badgeCount", "lastMessage"]) {
    if (copy[key] === undefined && key in value) copy[key] = plain(value[key], depth - 1);
  }
  return copy;
}

// The fibers around an element, nearest first: itself, then in turn one level up and one level down.
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

// One object of the kind in props, not one of many: an array belongs to the list, not to the row.
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

// The object an element stands for.
function nearest(element, kind) {
  const fiber = fiberOf(element);
  if (!fiber) return null;
  for (const one of around(fiber)) {
    const found = single(one.memoizedProps, kind);
    if (found) return found;
  }
  return null;
}

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
  const inner = value instanceof Map ? [...value.values()] : Object.keys(value).filter((k) => k !== "children").map((k) => value[k]);
  for (const one of inner) harvest(one, kind, seen, found, depth - 1);
}

// All objects of the kind that any element of the page reaches.
function everything({ kind }) {
  const [fibers, seen, found] = [new Set(), new Set(), new Map()];
  for (const element of document.body.querySelectorAll("*")) {
    const fiber = fiberOf(element);
    if (!fiber) continue;
    for (const one of around(fiber)) {
      if (fibers.has(one)) continue;
      fibers.add(one);
      harvest(one.memoizedProps, kind, seen, found, 4);
    }
  }
  return [...found.values()].map((one) => plain(one));
}

// The page's own user cards (`userInfoFromServerMap`), by the same search.
function users() {
  const found = [];
  const [fibers, seen] = [new Set(), new Set()];
  const look = (value, depth) => {
    if (!isObject(value) || seen.has(value) || depth === 0) return;
    seen.add(value);
    const map = value.userInfoFromServerMap;
    if (isObject(map)) found.push(...(map instanceof Map ? [...map.values()] : Object.values(map)));
    else if (!Array.isArray(value)) Object.keys(value).forEach((key) => key !== "children" && look(value[key], depth - 1));
  };
  for (const element of document.body.querySelectorAll("*")) {
    const fiber = fiberOf(element);
    for (const one of fiber ? around(fiber) : []) {
      if (fibers.has(one)) continue;
      fibers.add(one);
      look(one.memoizedProps, 3);
    }
  }
  return found.map((one) => plain(one, 4));
}

function isShown(element) {
  const box = element.getBoundingClientRect();
  return box.width > 0 && box.height > 0;
}

// The rows of the first selector that has rows with objects; without any, the rows of the first that has some.
function rowElements(selectors, kind) {
  let bare = [];
  for (const selector of selectors) {
    const shown = [...document.querySelectorAll(selector)].filter(isShown);
    const innermost = shown.filter((one) => !shown.some((other) => other !== one && one.contains(other)));
    if (innermost.some((one) => nearest(one, kind))) return innermost;
    if (bare.length === 0) bare = innermost;
  }
  return bare;
}

function rows({ selectors, kind }) {
  return rowElements(selectors, kind).map((element) => {
    const object = nearest(element, kind);
    return { text: element.innerText.slice(0, 200), id: object ? String(IDS[kind](object)) : null, raw: object && plain(object) };
  });
}

function rowOf({ selectors, kind, id }) {
  const hits = rowElements(selectors, kind).filter((element) => {
    const object = nearest(element, kind);
    return object !== null && String(IDS[kind](object)) === id;
  });
  return hits.length === 1 ? hits[0] : null;
}

function scroller(element) {
  for (let one = element?.parentElement; one; one = one.parentElement) {
    const how = getComputedStyle(one).overflowY;
    if ((how === "auto" || how === "scroll") && one.scrollHeight > one.clientHeight + 1) return one;
  }
  return document.scrollingElement;
}

// Moves the list that holds the rows: to its start, its end, or one view on. Answers where it stands.
function scrollRows({ selectors, kind, to }) {
  const list = scroller(rowElements(selectors, kind)[0]);
  if (to === "start") list.scrollTop = 0;
  if (to === "end") list.scrollTop = list.scrollHeight;
  if (to === "next") list.scrollTop += Math.max(80, Math.floor(list.clientHeight * 0.7));
  return { top: list.scrollTop, atEnd: list.scrollTop + list.clientHeight >= list.scrollHeight - 2 };
}

// The pane with the messages of the open conversation, to its oldest end.
function scrollMessages({ conversation }) {
  const votes = new Map();
  for (const element of document.body.querySelectorAll("*")) {
    if (nearest(element, "message")?.conversationId !== conversation || !isShown(element)) continue;
    const pane = scroller(element);
    votes.set(pane, (votes.get(pane) ?? 0) + 1);
  }
  const [pane] = [...votes.entries()].sort((one, other) => other[1] - one[1])[0] ?? [null];
  if (pane === null) return false;
  pane.scrollTop = Math.min(pane.scrollTop, 60);
  pane.scrollTop = 0;
  pane.dispatchEvent(new Event("scroll"));
  return true;
}

// Everything that scrolls, to its end; a step back first, or a list that stands there already hears nothing.
async function scrollAll() {
  const all = [document.scrollingElement, ...document.body.querySelectorAll("*")].filter((one) => {
    if (one === document.scrollingElement) return true;
    const how = getComputedStyle(one).overflowY;
    return (how === "auto" || how === "scroll") && one.scrollHeight > one.clientHeight + 1;
  });
  for (const one of all) one.scrollTop = Math.max(0, one.scrollHeight - one.clientHeight - 120);
  await new Promise((done) => setTimeout(done, 30));
  for (const one of all) one.scrollTop = one.scrollHeight;
}
