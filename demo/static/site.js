// @ts-check
// What all pages share: context, requests, small DOM helpers, lists without end, fibers.

/** @import {Context, User} from "./shapes.js" */

/** @type {Context} */
export const context = JSON.parse(document.body.dataset.context ?? "{}");
const EMPTY_PAGES = 3;

/**
 * Send a page's own request and return its JSON. A lost session sends the person to the login page.
 * @param {string} url
 * @param {RequestInit} [options]
 * @returns {Promise<any>} the caller knows the shape: it names it where it takes the answer
 */
export async function getJson(url, options) {
  const response = await fetch(url, { credentials: "same-origin", ...options });
  const body = await response.json();
  if (body.status_code === 8) {
    location.href = `${context.creator}/`;
    return new Promise(() => {});
  }
  return body;
}

/**
 * An attribute's value; for a name that begins with "on" the listener. Nothing, or false: there is no such attribute.
 * @typedef {string | number | boolean | null | undefined | ((event: any) => unknown)} Value
 * @typedef {Node | string | number | null | undefined} Child
 */

/**
 * Return an element with text or children; never HTML from data.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, Value>} [attributes]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) made.setAttribute(name, String(value));
  }
  made.append(...children.filter((child) => child !== null && child !== undefined).map((child) => asNode(child)));
  return made;
}

/**
 * @param {Node | string | number} child
 * @returns {Node | string}
 */
const asNode = (child) => (typeof child === "number" ? String(child) : child);

let isPressed = false;
/** @type {Set<() => void>} */
const waiting = new Set();
addEventListener("pointerdown", () => (isPressed = true), true);
// The click follows the release at once, in the same task.
for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => setTimeout(release), true);

function release() {
  isPressed = false;
  const all = [...waiting];
  waiting.clear();
  for (const draw of all) draw();
}

/**
 * Return `draw`, put off while something is pressed: what leaves the page between press and release is not clicked.
 * @param {() => void} draw
 */
export const whenReleased = (draw) => () => void (isPressed ? waiting.add(draw) : draw());

/** @type {ShadowRoot | null} what holds the page's own elements, where it is not the document */
let shadow = null;

/**
 * Put what the page shows into a micro-app: behind a shadow root, beside a frame. Return the window that has its stores.
 * @returns {Promise<Window>}
 */
export async function enterMicroApp() {
  const host = document.createElement("wujie-app");
  const frame = el("iframe", { name: "pc-im", style: "display:none", "data-wujie-flag": "" });
  shadow = host.attachShadow({ mode: "open" });
  const style = el("link", { rel: "stylesheet", href: "/static/site.css" });
  const isStyled = new Promise((done) => style.addEventListener("load", done));
  shadow.append(style, ...$("root").childNodes);
  $("root").append(host, frame);
  await isStyled;
  return frame.contentWindow ?? window;
}

/**
 * Return the element of that id, which the page has.
 * @param {string} id
 */
export function $(id) {
  const element = shadow?.getElementById(id) ?? document.getElementById(id);
  if (!element) throw new TypeError(`the page has no #${id}`);
  return element;
}

/** @param {User | null | undefined} user */
export const picture = (user) => user?.avatar_thumb?.url_list?.[0] ?? "";

/** @param {number} seconds since 1970 */
export function dateText(seconds) {
  const date = new Date(seconds * 1000);
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join("-");
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** @param {number} number */
export const two = (number) => String(number).padStart(2, "0");

/**
 * Call `load()` whenever `sentinel` is in sight; when there is no more, show `endText`. Returns what stops it.
 * @param {HTMLElement} sentinel
 * @param {() => Promise<{more: boolean, count: number}>} load
 * @param {string} endText
 */
export function endless(sentinel, load, endText) {
  let [busy, done, empty, seen] = [false, false, 0, false];
  const go = async () => {
    if (busy || done || !seen) return;
    busy = true;
    sentinel.textContent = "加载中…";
    const { more, count } = await load();
    empty = count ? 0 : empty + 1;
    done = !more || empty >= EMPTY_PAGES;
    sentinel.textContent = more ? "" : endText;
    busy = false;
    if (!done) requestAnimationFrame(() => requestAnimationFrame(check));
  };
  const check = () => {
    const box = sentinel.getBoundingClientRect();
    seen = box.height > 0 && isInSight(sentinel, box);
    go();
  };
  const observer = new IntersectionObserver((entries) => {
    seen = entries.at(-1)?.isIntersecting ?? false;
    go();
  });
  sentinel.style.minHeight = "24px";
  observer.observe(sentinel);
  return () => {
    done = true;
    observer.disconnect();
  };
}

/**
 * @param {HTMLElement} element
 * @param {DOMRect} box
 */
function isInSight(element, box) {
  for (let parent = element.parentElement; parent; parent = parent.parentElement) {
    if (getComputedStyle(parent).overflowY === "visible") continue;
    const frame = parent.getBoundingClientRect();
    if (box.top > frame.bottom || box.bottom < frame.top) return false;
  }
  return box.top < innerHeight && box.bottom > 0;
}

/**
 * A fiber, as a page made with React has them: `props` some levels up, or down, from the element.
 * @typedef {{memoizedProps: object, return: Fiber | null, child: Fiber | null, sibling: null}} Fiber
 */

const KEY = `__reactFiber$${Math.random().toString(36).slice(2, 13)}`;
/**
 * @param {object} memoizedProps
 * @returns {Fiber}
 */
const fiber = (memoizedProps) => ({ memoizedProps, return: null, child: null, sibling: null });
/** @type {Fiber | null} */
let top = null;

/**
 * Hang `props` above every element: the stores of the page.
 * @param {object} props
 */
export function provide(props) {
  top = fiber(renamed({ value: props, ...props }));
}

/**
 * Hang `props` so many levels above the element, or below it.
 * @param {HTMLElement} element
 * @param {object} props
 * @param {{up?: number, down?: number}} [levels]
 */
export function attach(element, props, { up = 0, down = 0 } = {}) {
  const host = fiber({ className: element.className, children: element.textContent });
  const carrier = fiber(renamed(props));
  if (down) join(carrier, host, down);
  else join(host, carrier, up);
  let highest = down ? host : carrier;
  for (let level = 0; level < 3; level += 1) highest = above(highest, fiber({ style: {} }));
  if (top) highest.return = top;
  Object.assign(element, { [KEY]: host });
}

/**
 * @param {Fiber} lower
 * @param {Fiber} upper
 */
function above(lower, upper) {
  lower.return = upper;
  upper.child = lower;
  return upper;
}

/**
 * @param {Fiber} lower
 * @param {Fiber} upper
 * @param {number} levels
 */
function join(lower, upper, levels) {
  let at = lower;
  for (let level = 1; level < levels; level += 1) at = above(at, fiber({ index: level }));
  above(at, upper);
}

/** @type {Record<string, string>} what a changed page looks like: the same objects under other names */
const RENAMES = {
  serverId: "messageNo",
  participants: "members",
  toParticipantUserId: "otherOne",
  firstPageParticipant: "memberPage",
  imStore: "chatStore",
  noticeStore: "bellStore",
  nid_str: "noticeNo",
  item_id_plain: "workNo",
  aweme_id: "workKey",
  userInfoFromServerMap: "cards",
  cid: "commentNo",
  value: "store",
};

/**
 * @template T
 * @param {T} value
 * @param {number} [depth]
 * @returns {T}
 */
function renamed(value, depth = 7) {
  if (!context.renamed || typeof value !== "object" || value === null || value instanceof Date || depth === 0)
    return value;
  if (Array.isArray(value)) return /** @type {T} */ (value.map((item) => renamed(item, depth - 1)));
  const entries = Object.entries(value).map(([key, item]) => [RENAMES[key] ?? key, renamed(item, depth - 1)]);
  return Object.fromEntries(entries);
}

/** The bar of the creator centre. */
class NavBar extends HTMLElement {
  connectedCallback() {
    /**
     * @param {string} path
     * @param {string} text
     */
    const link = (path, text) =>
      el("a", { href: context.creator + path, class: location.pathname.endsWith(path) ? "on" : null }, text);
    this.append(
      el("b", { class: "logo" }, "创作者中心"),
      link("/creator-micro/home", "首页"),
      link("/creator-micro/content/manage", "作品管理"),
      link("/creator-micro/interactive/comment", "评论管理"),
      link("/creator-micro/data/following/chat", "私信管理"),
      el("a", { href: `${context.www}/` }, "抖音首页"),
      el("span", { class: "grow" }),
      el("form", { method: "post", action: `${context.creator}/logout` }, el("button", { class: "link" }, "退出")),
      el("img", { src: context.ownerAvatar, class: "small-avatar", alt: "" }),
    );
  }
}
customElements.define("nav-bar", NavBar);
