// One site at one service: whatever the elements of a page ask of it, in as few requests as there can be.

import { pause, SLOW_MS, verdict } from "./answers.js";
import { articleAt } from "./article.js";
import { keep, names, recall } from "./memory.js";
import { warn } from "./warn.js";

const MOST_ARTICLES = 100,
  MOST_CHARACTERS = 4_000; // of one request; gateways refuse longer addresses than 8,000 or so
const PATIENCE_MS = 10_000;
const LIVE_MS = 5_000,
  SEEN_MS = 50;
const KEEP_SETTLED_MS = 2 * 86_400_000; // longer than any cache may hand out a tally without our vote

const sites = {};

/** The one site of this page with this address: `<endpoint>/v1/sites/<id>`. */
export const siteAt = (base) => (sites[base] ??= makeSite(base));

function makeSite(base) {
  /** The `live` elements that are in sight, and their articles, which are read again and again. */
  const live = new Map();
  const due = new Set();
  let failures = 0,
    timer,
    becoming;

  /** The reader's token, or null before the first click. */
  const token = () => recall(base);

  /** The body of a successful answer. Else throws {status, body, wait}: status 0 is no answer, wait is in seconds. */
  async function ask(path, options) {
    let status = 0,
      body,
      wait;
    try {
      const answer = await fetch(base + path, {
        cache: "no-cache",
        credentials: "omit",
        signal: AbortSignal.timeout(PATIENCE_MS),
        ...options,
      });
      // A success that lost its body on the way is no answer; a refusal is one, whatever became of its body.
      if (!answer.ok) status = answer.status;
      wait = answer.headers.get("Retry-After");
      body = await answer.json();
    } catch {}
    if (status || !body) throw Object.assign(Error(path), { status, body, wait });
    return body;
  }

  /** Read all that is due or live, in as few requests as can be, after so many milliseconds. */
  function readIn(ms) {
    clearTimeout(timer);
    timer = setTimeout(() => {
      timer = 0;
      const all = [...new Set([...due, ...(document.hidden ? [] : live.values())])];
      due.clear();
      const longest = Math.max(...all.map(({ id }) => id.length + 1));
      while (all.length) read(all.splice(0, Math.min(MOST_ARTICLES, MOST_CHARACTERS / longest)));
    }, ms);
  }

  /** Up to 100 articles in one request, our votes on them in another; a single article exactly. */
  async function read(articles) {
    const one = articles.length < 2 && `/articles/${articles[0].id}`;
    const list = `?articles=${articles.map(({ id }) => id)}`;
    // A vote that cannot be read must not keep the tally from the page.
    const asked = token();
    const votes =
      asked &&
      ask(one ? `${one}/vote` : `/votes${list}`, {
        headers: { Authorization: `Bearer ${asked}` },
      }).catch((failure) => ({ failure }));
    let failure;
    try {
      const found = await ask(one ? `${one}/tally` : `/tallies${list}`);
      const ours = await votes;
      failure = ours?.failure;
      if (failure?.status === 401) keep(base);
      const still = !failure && asked && asked === token(); // neither refused nor forgotten meanwhile
      articles.forEach((article, index) => {
        const answer = still && (one ? ours : { vote: ours.votes[index] });
        article.read(one ? found : found.tallies[index], answer, asked);
      });
    } catch (caught) {
      failure = caught;
      if (verdict(failure.status) === "refused") {
        const { field = "article" } = failure.body ?? {};
        articles.forEach(({ id }) => warn(field, field === "site" ? site.id : id));
      }
    }
    if (failure && verdict(failure.status) === "unknown") {
      articles.forEach((article) => due.add(article));
      readIn(pause(failures++, failure.wait, ...SLOW_MS));
    } else {
      failures = 0;
      if (live.size) readIn(LIVE_MS);
    }
  }

  const site = {
    base,
    id: base.split("/").pop(),
    ask,
    read,

    /**
     * The reader's token. Makes the reader a voter if need be: once for all tabs, where the browser has locks, and only
     * if that is `still` wanted once the service has answered.
     */
    async voter(still) {
      const become = async () => {
        const { voter_token } = token() ? {} : await ask("/voters", { method: "POST" });
        if (!voter_token || !still()) return;
        keep(base, voter_token);
        // Another tab that waits for the lock may see what is kept here a moment later only (Firefox).
        await new Promise((resolve) => setTimeout(resolve, SEEN_MS));
      };
      if (!token()) {
        becoming ??= (navigator.locks?.request(base, become) ?? become())
          .catch((refusal) => {
            if (refusal.code) return become(); // a DOMException: a page without an origin has no locks
            throw refusal;
          })
          .finally(() => {
            becoming = null;
          });
        await becoming;
      }
      return token();
    },

    /** Read this article, together with all others that are wanted in the same moment. */
    want(article) {
      due.add(article);
      readIn(0);
    },

    /** Keep reading the article for this element; without one, stop that. */
    watch(element, article) {
      live.delete(element);
      if (article) live.set(element, article);
      if (article && !timer) readIn(LIVE_MS);
    },
  };

  // Back on the network or in sight: at once. (Out of sight comes here too; nothing live is read then.)
  for (const back of ["online", "visibilitychange"]) addEventListener(back, () => readIn(0));
  // Wishes that were cut short on another page of the publisher's go on here; what is long settled is let go.
  setTimeout(() =>
    names().forEach((name) => {
      if (!name.startsWith(`${base}/`)) return;
      const { wish, at } = recall(name) ?? {};
      if (wish) articleAt(site, name.slice(base.length + 1));
      else if (!(Date.now() - at < KEEP_SETTLED_MS)) keep(name);
    }),
  );
  return site;
}
