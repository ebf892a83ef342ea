// What all pages share: context, requests, small DOM helpers, lists without end, fibers.
export const context = JSON.parse(document.body.dataset.context);
const EMPTY_PAGES = 3;

// A page's own request. A lost session sends the person to the login page.
export async function getJson(url, options) {
  const response = await fetch(url, { credentials: "same-origin", ...options });
  const body = await response.json();
  if (body.status_code === 8) {
    location.href = context.creator + "/";
    return new Promise(() => {});
  }
  return body;
}

export const postJson = (url, body) =>
  getJson(url, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });

// An element with text or children; never HTML from data.
export function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

export const $ = (id) => document.getElementById(id);
export const picture = (user) => user?.avatar_thumb?.url_list?.[0] ?? "";

export function dateText(seconds) {
  const date = new Date(seconds * 1000);
  const two = (number) => String(number).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

// Calls `load()` whenever `sentinel` is in sight. `load` answers {more, count}; then `endText` is shown.
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
    seen = entries[entries.length - 1].isIntersecting;
    go();
  });
  sentinel.style.minHeight = "24px";
  observer.observe(sentinel);
  return () => {
    done = true;
    observer.disconnect();
  };
}

function isInSight(element, box) {
  for (let parent = element.parentElement; parent; parent = parent.parentElement) {
    if (getComputedStyle(parent).overflowY === "visible") continue;
    const frame = parent.getBoundingClientRect();
    if (box.top > frame.bottom || box.bottom < frame.top) return false;
  }
  return box.top < innerHeight && box.bottom > 0;
}

// Fibers, as a page made with React has them: `props` some levels up, or down, from the element.
const KEY = `__reactFiber$${Math.random().toString(36).slice(2, 13)}`;
const fiber = (memoizedProps) => ({ memoizedProps, return: null, child: null, sibling: null });
let top = null;

// What stands above every element: the stores of the page.
export function provide(props) {
  top = fiber(renamed({ value: props, ...props }));
}

export function attach(element, props, { up = 0, down = 0 } = {}) {
  const host = fiber({ className: element.className, children: element.textContent });
  const carrier = fiber(renamed(props));
  if (down) join(carrier, host, down, "down");
  else join(host, carrier, up, "up");
  let highest = down ? host : carrier;
  for (let level = 0; level < 3; level += 1) highest = above(highest, fiber({ style: {} }));
  if (top) highest.return = top;
  element[KEY] = host;
}

function above(lower, upper) {
  lower.return = upper;
  upper.child = lower;
  return upper;
}

function join(lower, upper, levels) {
  let at = lower;
  for (let level = 1; level < levels; level += 1) at = above(at, fiber({ index: level }));
  above(at, upper);
}

// What a changed page looks like: the same objects under other names.
const RENAMES = {
  serverId: "messageNo", participants: "members", firstPageParticipant: "memberPage", imStore: "chatStore", noticeStore: "bellStore",
  nid_str: "noticeNo", item_id_plain: "workNo", aweme_id: "workKey", userInfoFromServerMap: "cards", cid: "commentNo", value: "store",
};

function renamed(value, depth = 7) {
  if (!context.renamed || typeof value !== "object" || value === null || value instanceof Date || depth === 0) return value;
  if (Array.isArray(value)) return value.map((item) => renamed(item, depth - 1));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [RENAMES[key] ?? key, renamed(item, depth - 1)]));
}

// The bar of the creator centre.
class NavBar extends HTMLElement {
  connectedCallback() {
    const link = (path, text) => el("a", { href: context.creator + path, class: location.pathname.endsWith(path) ? "on" : null }, text);
    this.append(
      el("b", { class: "logo" }, "创作者中心"),
      link("/creator-micro/home", "首页"),
      link("/creator-micro/content/manage", "作品管理"),
      link("/creator-micro/interactive/comment", "评论管理"),
      link("/creator-micro/data/following/chat", "私信管理"),
      el("a", { href: context.www + "/" }, "抖音首页"),
      el("span", { class: "grow" }),
      el("form", { method: "post", action: context.creator + "/logout" }, el("button", { class: "link" }, "退出")),
      el("img", { src: context.ownerAvatar, class: "small-avatar", alt: "" }),
    );
  }
}
customElements.define("nav-bar", NavBar);
