// @ts-check
// Elements as what they must be. The templates promise them; a broken promise fails here, with its name.

/**
 * Return the element of that id, or null if the page has none. Throws if it is of another kind.
 * @template {Element} [T=HTMLElement]
 * @param {string} id
 * @param {new () => T} [kind]
 * @param {Document} [page]
 * @returns {T | null}
 */
export function find(id, kind, page = document) {
  const element = page.getElementById(id);
  const wanted = /** @type {new () => T} */ (kind ?? HTMLElement);
  if (element === null || element instanceof wanted) return /** @type {T | null} */ (element);
  throw new TypeError(`#${id} is no ${wanted.name}`);
}

/**
 * Return the element of that id. Throws if the page has none, or one of another kind.
 * @template {Element} [T=HTMLElement]
 * @param {string} id
 * @param {new () => T} [kind]
 * @param {Document} [page]
 * @returns {T}
 */
export function need(id, kind, page = document) {
  const element = find(id, kind, page);
  if (element === null) throw new TypeError(`the page has no #${id}`);
  return element;
}

/**
 * Return the first element inside `place` that fits the selector. Throws if there is none, or one of another kind.
 * @template {Element} [T=HTMLElement]
 * @param {ParentNode} place
 * @param {string} selector
 * @param {new () => T} [kind]
 * @returns {T}
 */
export function needIn(place, selector, kind) {
  const element = place.querySelector(selector);
  const wanted = /** @type {new () => T} */ (kind ?? HTMLElement);
  if (element instanceof wanted) return element;
  throw new TypeError(`${selector} is no ${wanted.name}`);
}

/**
 * Return all elements inside `place` that fit the selector.
 * @template {Element} [T=HTMLElement]
 * @param {ParentNode} place
 * @param {string} selector
 * @param {new () => T} [kind]
 * @returns {T[]}
 */
export function all(place, selector, kind) {
  const wanted = /** @type {new () => T} */ (kind ?? HTMLElement);
  return /** @type {T[]} */ ([...place.querySelectorAll(selector)].filter((element) => element instanceof wanted));
}

/**
 * Return the nearest element around the event's target, or the target itself, that fits the selector; null if none.
 * @template {Element} [T=HTMLElement]
 * @param {Event} event
 * @param {string} selector
 * @param {new () => T} [kind]
 * @returns {T | null}
 */
export function around(event, selector, kind) {
  const wanted = /** @type {new () => T} */ (kind ?? HTMLElement);
  const found = event.target instanceof Element ? event.target.closest(selector) : null;
  return found instanceof wanted ? found : null;
}

/**
 * Return a new element with these properties.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Partial<HTMLElementTagNameMap[K]>} [properties]
 * @returns {HTMLElementTagNameMap[K]}
 */
export function make(tag, properties = {}) {
  return Object.assign(document.createElement(tag), properties);
}
