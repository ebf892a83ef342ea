// Rows of one height, of which only those near the window are in the page. The others are kept ready beside it.
const OVERSCAN = 16;

/** `box` scrolls, `list` holds the rows between two gaps that stand for those that are not there. */
export class VirtualRows {
  #rows = [];
  #before = gap();
  #after = gap();
  #planned = 0;

  constructor(box, list) {
    this.box = box;
    this.list = list;
    this.set([...list.children]);
    box.addEventListener("scroll", () => this.#plan(), { passive: true });
    this.observer = new ResizeObserver(() => this.#plan());
    this.observer.observe(box);
  }

  get rows() {
    return this.#rows;
  }

  /** How many more there are is not known while `open`. */
  set(rows, open = false) {
    this.#rows = rows;
    this.open = open;
    this.#number();
    this.render();
  }

  /** In the place of a row that looks different now. */
  replace(index, row) {
    const old = this.#rows[index];
    this.#rows[index] = row;
    if (old.isConnected) old.replaceWith(row);
    this.#number();
  }

  end() {
    this.observer.disconnect();
    cancelAnimationFrame(this.#planned);
  }

  /** Brings a row into sight, as `scrollIntoView` with `nearest` does. */
  reveal(row) {
    const index = this.#rows.indexOf(row);
    if (index < 0) return;
    const height = this.height;
    const top = this.list.offsetTop + index * height;
    if (top < this.box.scrollTop) this.box.scrollTop = top;
    else if (top + height > this.box.scrollTop + this.box.clientHeight) this.box.scrollTop = top + height - this.box.clientHeight;
    this.render();
  }

  /** The row that is first in sight. */
  get first() {
    return this.#rows[Math.max(0, Math.floor((this.box.scrollTop - this.list.offsetTop) / this.height))];
  }

  /** px; of the density that is chosen. */
  get height() {
    return Number.parseFloat(getComputedStyle(this.list).getPropertyValue("--row-height")) || 80;
  }

  render() {
    const height = this.height;
    const from = Math.max(0, Math.floor((this.box.scrollTop - this.list.offsetTop) / height) - OVERSCAN);
    const to = Math.min(this.#rows.length, from + Math.ceil(this.box.clientHeight / height) + 2 * OVERSCAN);
    this.#before.style.height = `${Math.min(from, this.#rows.length) * height}px`;
    this.#after.style.height = `${Math.max(0, this.#rows.length - to) * height}px`;
    fill(this.list, [this.#before, ...this.#rows.slice(from, to), this.#after]);
  }

  #plan() {
    this.#planned ||= requestAnimationFrame(() => {
      this.#planned = 0;
      this.render();
    });
  }

  #number() {
    const size = String(this.open ? -1 : this.#rows.length);
    this.#rows.forEach((row, index) => {
      const place = String(index + 1);
      if (row.ariaSetSize !== size) row.ariaSetSize = size;
      if (row.ariaPosInSet !== place) row.ariaPosInSet = place;
    });
  }
}

function gap() {
  return Object.assign(document.createElement("div"), { className: "gap", role: "presentation" });
}

/** Makes `wanted` the children of `list`, and touches none that stands where it is to be. */
function fill(list, wanted) {
  const keep = new Set(wanted);
  for (const child of [...list.children]) if (!keep.has(child)) child.remove();
  let place = list.firstElementChild;
  for (const child of wanted) {
    if (child === place) place = place.nextElementSibling;
    else list.insertBefore(child, place);
  }
}
