// The keys that were typed in, one for each site: kept in this tab, and nowhere else. A write key also reads.

const PREFIX = "article-votes-read-key:";
const typed = new Map(); // where there is no storage, a key is kept as long as the page is

/** The read key of a site, or "". */
export function keyOf(site) {
  try {
    return site ? (sessionStorage.getItem(PREFIX + site) ?? "") : "";
  } catch {
    return typed.get(site) ?? "";
  }
}

/** Keep a site's read key; "" forgets it. */
export function keep(site, key) {
  try {
    if (key) sessionStorage.setItem(PREFIX + site, key);
    else sessionStorage.removeItem(PREFIX + site);
  } catch {
    typed.set(site, key);
  }
}
