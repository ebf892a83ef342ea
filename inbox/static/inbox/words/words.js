// What scripts say, from the same catalogue as the page.
const words = JSON.parse(document.getElementById("words").textContent);

/** The sentence `key` with its `%(name)s` filled in; `n` chooses between one and more. */
export function say(key, values = {}) {
  const known = words[key];
  const text = Array.isArray(known) ? known[values.n === 1 ? 0 : 1] : known;
  return text.replace(/%\((\w+)\)s/g, (_, name) => String(values[name]));
}

export function clock(moment = new Date()) {
  return moment.toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
}
