// What the browser keeps, in the publisher's own origin: one entry per voted article and one token per site.
// Nothing is written before a reader's first click. Where storage is refused or full, the page itself remembers.

const PREFIX = "article-vote ";
let store;
try {
  store = localStorage;
} catch {
  store = {};
}

/** The value under `name`, or null. What cannot be read counts as not there. */
export function recall(name) {
  try {
    return JSON.parse(store[PREFIX + name] ?? null);
  } catch {
    return null;
  }
}

/** Keep `value` under `name`; null removes it. */
export function keep(name, value) {
  const key = PREFIX + name, text = JSON.stringify(value);
  try {
    if (value) store[key] = text;
    else delete store[key];
  } catch {
    store = { ...store, [key]: text };
  }
}

const nameOf = (key) => key.startsWith(PREFIX) && key.slice(PREFIX.length);

/** The names of everything kept. */
export const names = () => Object.keys(store).map(nameOf).filter(Boolean);

/** Calls `changed(name)` when another tab kept or removed something; `changed(null)`: it removed everything. */
export function listen(changed) {
  addEventListener("storage", ({ key }) => changed(key && nameOf(key)));
}
