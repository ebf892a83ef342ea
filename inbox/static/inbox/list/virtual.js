// @ts-check
// Rows of one height, of which only those near the window are in the page. The others are kept ready beside it.
import { make } from "../page/dom.js";
import { firstInSight, reveal, windowOf } from "./virtual_window.js";

/** @typedef {HTMLAnchorElement} Row */

export class VirtualRows {
  /** @type {Row[]} */
  #rows = [];
  #before = gap();
  #after = gap();
  #planned = 0;
  #open = false;

  /**
   * @param {HTMLElement} box scrolls
   * @param {HTMLElement} list holds the rows, between two gaps that stand for those that are not there
   * @param {Row[]} rows
   */
  constructor(box, list, rows) {
    this.box = box;
    this.list = list;
    this.set(rows);
    box.addEventListener("scroll", () => this.#plan(), { passive: true });
    this.observer = new ResizeObserver(() => this.#plan());
    this.observer.observe(box);
  }

  get rows() {
    return this.#rows;
  }

  /**
   * @param {Row[]} rows
   * @param {boolean} [open] how many more there are is not known
   */
  set(rows, open = false) {
    this.#rows = rows;
    this.#open = open;
    this.#number();
    this.render();
  }

  /**
   * Put a row in the place of the one that looks different now.
   * @param {number} index
   * @param {Row} row
   */
  replace(index, row) {
    const old = this.#rows[index];
    this.#rows[index] = row;
    if (old?.isConnected) old.replaceWith(row);
    this.#number();
  }

  end() {
    this.observer.disconnect();
    cancelAnimationFrame(this.#planned);
  }

  /**
   * Bring a row into sight, as `scrollIntoView` with `nearest` does.
   * @param {Row} row
   */
  reveal(row) {
    const index = this.#rows.indexOf(row);
    if (index < 0) return;
    const sight = this.#sight;
    const top = reveal(index, sight);
    if (top !== sight.top) this.box.scrollTop = top + this.list.offsetTop;
    this.render();
  }

  /** The row that is first in sight. */
  get first() {
    return this.#rows[firstInSight(this.#sight)];
  }

  /** The rows in sight, also those of which only a part is. */
  get sight() {
    const { top, size, height } = this.#sight;
    return this.#rows.slice(firstInSight({ top, height }), Math.ceil((top + size) / height));
  }

  /** px; how much of the first row in sight is above it. */
  get cut() {
    const { top, height } = this.#sight;
    return top - firstInSight({ top, height }) * height;
  }

  /**
   * Scroll so that this row is the first in sight, `cut` px of it above.
   * @param {number} index
   * @param {number} cut
   */
  startAt(index, cut) {
    this.box.scrollTop = this.list.offsetTop + index * this.height + cut;
  }

  /** px; of the density that is chosen. */
  get height() {
    return Number.parseFloat(getComputedStyle(this.list).getPropertyValue("--row-height")) || 80;
  }

  get #sight() {
    const top = this.box.scrollTop - this.list.offsetTop;
    return { top, size: this.box.clientHeight, height: this.height, count: this.#rows.length };
  }

  render() {
    const { from, to, before, after } = windowOf(this.#sight);
    this.#before.style.height = `${before}px`;
    this.#after.style.height = `${after}px`;
    fill(this.list, [this.#before, ...this.#rows.slice(from, to), this.#after]);
  }

  #plan() {
    this.#planned ||= requestAnimationFrame(() => {
      this.#planned = 0;
      this.render();
    });
  }

  #number() {
    const size = String(this.#open ? -1 : this.#rows.length);
    for (const [index, row] of this.#rows.entries()) {
      const place = String(index + 1);
      if (row.ariaSetSize !== size) row.ariaSetSize = size;
      if (row.ariaPosInSet !== place) row.ariaPosInSet = place;
    }
  }
}

function gap() {
  return make("div", { className: "gap", role: "presentation" });
}

/**
 * Make `wanted` the children of `list`, and touch none that stands where it is to be.
 * @param {HTMLElement} list
 * @param {HTMLElement[]} wanted
 */
function fill(list, wanted) {
  /** @type {Set<Node>} */
  const keep = new Set(wanted);
  for (const child of [...list.children]) if (!keep.has(child)) child.remove();
  let place = list.firstElementChild;
  for (const child of wanted) {
    if (child === place) place = place.nextElementSibling;
    else list.insertBefore(child, place);
  }
}
