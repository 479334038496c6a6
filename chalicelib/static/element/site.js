// One site at one service. It joins what the elements of a page ask for into as few requests as possible.

import { pause, SLOW_MS, verdict } from "./answers.js";
import { articleAt, articles } from "./article.js";
import { HOME } from "./language.js";
import { keep, names, recall } from "./memory.js";
import { claims, isOld } from "./token.js";
import { warn } from "./warn.js";

const MOST_ARTICLES = 100,
  MOST_CHARACTERS = 4_000; // of one request. Gateways refuse addresses of more than about 8,000 characters
const PATIENCE_MS = 10_000;
const LIVE_MS = 5_000,
  SEEN_MS = 50;
const KEEP_SETTLED_MS = 30 * 86_400_000; // caches keep tallies for a day. A renewal may name what we voted on
const MOST_NAMED = 15; // ids of the longest kind, in a body of 2,048 bytes
const TOKEN = /^[\w-]+\.[\w-]+\.[\w-]+$/;

const sites = {};

/** The site with this address, `<endpoint>/v1/sites/<id>`. There is one for all its articles. */
export const siteAt = (base) => (sites[base] ??= makeSite(base));

function makeSite(base) {
  /** The `live` elements that are in sight, and their articles, which are read every five seconds. */
  const live = new Map();
  const due = new Set();
  const unused = {}; // a solution of a challenge that has not made a voter yet
  let failures = 0,
    timer,
    becoming;

  /** The reader's token, or null before the first click. A kept value that is not a token is ignored. */
  const token = () => {
    const kept = recall(base);
    return TOKEN.test(kept) ? kept : null;
  };

  /** The ids of the site's articles of which something is kept. */
  const own = () => names().flatMap((name) => (name.startsWith(`${base}/`) ? [name.slice(base.length + 1)] : []));

  /** The body of a successful answer. Otherwise throws an error with status (0: no answer), body and wait (seconds). */
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
      // A success without its body is no answer. A refusal without its body is still a refusal.
      if (!answer.ok) status = answer.status;
      wait = answer.headers.get("Retry-After");
      body = await answer.json();
    } catch {}
    if (status || !body) throw Object.assign(Error(path), { status, body, wait });
    return body;
  }

  /** After `ms`, read all articles that are due or live, in as few requests as possible. */
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

  /** Read at most 100 articles in one request, and our votes on them in another. For one: the exact tally. */
  async function read(articles) {
    const one = articles.length < 2 && `/articles/${articles[0].id}`;
    const list = `?articles=${articles.map(({ id }) => id)}`;
    // If the vote cannot be read, the tally is shown all the same.
    const asked = token(),
      voter = claims(asked).sub;
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
      const still = !failure && voter && voter === claims(token()).sub; // neither refused nor erased in the meantime
      articles.forEach((article, index) => {
        const answer = still && (one ? ours : { vote: ours.votes[index] });
        article.read(one ? found : found.tallies[index], answer, voter);
      });
      if (failure?.status === 401) {
        await site.renew(true);
        if (token()) failure = {}; // ask again with it, after a pause
      }
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

  /** The new voter after a refusal with a challenge, which is solved first. Without one: throws the refusal. */
  async function work(refusal) {
    const { challenge } = refusal.body ?? {};
    if (!challenge) throw refusal;
    // A module that could not be loaded is never loaded again under the same address.
    const { becomeVoter } = await import(`${HOME}/embed/v1/article-vote-solver.js#${Math.random()}`);
    return becomeVoter(ask, unused, challenge, worked).finally(worked);
  }

  /** Show how far the challenge is solved: a share. Nothing: none is being solved. */
  function worked(share) {
    site.share = share;
    for (const one in articles) articles[one].views.forEach((view) => view.show());
  }

  const site = {
    base,
    id: base.split("/").pop(),
    ask,
    read,

    /**
     * The reader's token. If there is none, it makes the reader a voter: once for all tabs, if the browser has locks.
     * The token is kept only if `still()` is true after the service has answered.
     */
    async voter(still) {
      const become = async () => {
        const { voter_token } = token() ? {} : await ask("/voters", { method: "POST" }).catch(work);
        if (!voter_token || token() || !still()) return; // another tab may have been first
        keep(base, voter_token);
        // In Firefox, another tab that waits for the lock sees what is kept here a moment later.
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

    /**
     * Get a fresh token for the same voter. `refused`: the token was not accepted. If it cannot be renewed either, it is
     * forgotten. Returns true if the token is another one now, or none. Otherwise nobody knows whether it can be renewed.
     */
    async renew(refused) {
      const old = token();
      const { sub } = claims(old);
      // The service wants to know of an old vote.
      const voted_on = own()
        .map((id) => [id, recall(`${base}/${id}`) ?? {}])
        .filter(([, kept]) => kept.by === sub && kept.vote?.version)
        .sort(([, one], [, other]) => one.at - other.at)
        .map(([id]) => id);
      try {
        const { voter_token } = await ask("/voters/renew", {
          method: "POST",
          headers: { Authorization: `Bearer ${old}`, "Content-Type": "application/json" },
          body: JSON.stringify({ voted_on: voted_on.slice(0, MOST_NAMED) }),
        });
        if (voter_token && token() === old) keep(base, voter_token);
      } catch ({ status }) {
        if (refused && verdict(status) !== "unknown" && token() === old) keep(base);
      }
      return token() !== old;
    },

    /** Read this article, together with all others that are wanted at the same moment. */
    want(article) {
      due.add(article);
      readIn(0);
    },

    /** Read the article again and again for this element. Without an article: stop. */
    watch(element, article) {
      live.delete(element);
      if (article) live.set(element, article);
      if (article && !timer) readIn(LIVE_MS);
    },
  };

  // The page is online again or in sight: read at once. (Out of sight also comes here. Then nothing live is read.)
  for (const back of ["online", "visibilitychange"]) addEventListener(back, () => readIn(0));
  // Send wishes that another page of the publisher could not finish, and erase what was settled long ago.
  setTimeout(() => {
    if (isOld(token(), Date.now())) site.renew(); // before what it names is erased
    own().forEach((id) => {
      const { wish, at } = recall(`${base}/${id}`) ?? {};
      if (wish) articleAt(site, id);
      else if (!(Date.now() - at < KEEP_SETTLED_MS)) keep(`${base}/${id}`);
    });
  });
  return site;
}
