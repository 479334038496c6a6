// What the browser keeps, in the publisher's own origin: one entry per voted article and one token per site.
// Nothing is written before a reader's first click. Where storage is refused or full, the page itself remembers.

const PREFIX = "article-vote ";
const page = {};
let store = {};
try {
  store = localStorage;
} catch {}

/** The value under `name`, or null. What cannot be read counts as not there. */
export function recall(name) {
  const key = PREFIX + name;
  try {
    return JSON.parse(page[key] ?? store[key] ?? null);
  } catch {
    return null;
  }
}

/** Keep `value` under `name`; without one, remove it. */
export function keep(name, value) {
  const key = PREFIX + name,
    text = JSON.stringify(value);
  delete page[key];
  try {
    if (value) store[key] = text;
    else delete store[key];
  } catch {
    page[key] = text;
  }
}

/** The names of everything kept. */
export const names = () =>
  Object.keys({ ...page, ...store })
    .filter((key) => key.startsWith(PREFIX))
    .map((key) => key.slice(PREFIX.length));

/**
 * Calls `changed(name)` when another tab kept or removed something, or without a name when it may have changed all.
 * Keys of the page's own give names that we do not know. A page that the browser had put aside heard of nothing.
 */
export function listen(changed) {
  addEventListener("storage", ({ key }) => changed(key?.slice(PREFIX.length)));
  addEventListener("pageshow", ({ persisted }) => persisted && changed());
}
