// Rows that are picked for one action together.
const picked = new Set();

export const pickedIn = (rows) => rows.filter((row) => picked.has(row.id));

export function toggle(row, on = !picked.has(row.id)) {
  if (on) picked.add(row.id);
  else picked.delete(row.id);
  mark([row]);
}

export function clear(rows) {
  picked.clear();
  mark(rows);
}

export function mark(rows) {
  for (const row of rows) {
    if (picked.has(row.id)) row.setAttribute("aria-checked", "true");
    else row.removeAttribute("aria-checked");
  }
}
