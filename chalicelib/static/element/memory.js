// What the browser keeps, in the publisher's own origin: one entry for each voted article, one token for each site.
// Nothing is written before a reader's first click. If storage is refused or full, the page itself keeps it.

const PREFIX = "article-vote ";
const page = {};
let store = {};
try {
  store = localStorage;
} catch {}

/** The value under `name`, or null. A value that cannot be read counts as missing. */
export function recall(name) {
  const key = PREFIX + name;
  try {
    return JSON.parse(page[key] ?? store[key] ?? null);
  } catch {
    return null;
  }
}

/** Keep `value` under `name`. Without a value: remove it. */
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

/** The names of everything that is kept. */
export const names = () =>
  Object.keys({ ...page, ...store })
    .filter((key) => key.startsWith(PREFIX))
    .map((key) => key.slice(PREFIX.length));

/**
 * Calls `changed(name)` when another tab kept or removed something, and `changed()` when anything may have changed: all
 * was cleared, or the page comes from the back-forward cache. Other keys of the page give names that match no article.
 */
export function listen(changed) {
  addEventListener("storage", ({ key }) => changed(key?.slice(PREFIX.length)));
  addEventListener("pageshow", ({ persisted }) => persisted && changed());
}
