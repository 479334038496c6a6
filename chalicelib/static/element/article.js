// One article on this page: its state, the sending of wishes, and the views that show it.

import { pause, verdict } from "./answers.js";
import { keep, recall } from "./memory.js";
import { doubtful, hidesFrom, known, mine, restored, seen, sending, shared, UNKNOWN, wanting } from "./state.js";
import { claims } from "./token.js";
import { warn } from "./warn.js";

const FOREIGN_WISH_MS = 30_000; // after this time, this tab sends the wish of another tab

/** Every article that is shown on this page or has a wish that waits, by the name under which it is kept. */
export const articles = {};

/** The article with this id. There is one for all its elements. */
export const articleAt = (site, id) => (articles[`${site.base}/${id}`] ??= makeArticle(site, id, `${site.base}/${id}`));

/** A new UUID for a wish. Unlike `crypto.randomUUID`, this also works on pages over plain HTTP. */
function newKey() {
  const url = URL.createObjectURL(new Blob());
  URL.revokeObjectURL(url);
  return url.slice(-36);
}

function makeArticle(site, id, name) {
  let state = restored(recall(name)) ?? UNKNOWN;
  let trouble = ""; // "late": the wish is sent again; a status: it was refused; "": neither
  let busy, origin, wake, abandon;
  const waiting = [];

  function show(news, reason = trouble) {
    state = news;
    trouble = reason;
    article.views.forEach((view) => view.show());
  }

  function store(news, reason) {
    keep(name, { ...news, at: Date.now() });
    show(news, reason);
  }

  /** Send the waiting wishes, one at a time. Each is sent until its outcome is known. */
  async function work() {
    if (busy) return;
    busy = true;
    let attempt = 0,
      strange;
    const later = ({ wait }) => {
      show(state, "late");
      return new Promise((resolve) => {
        wake = resolve;
        setTimeout(resolve, pause(attempt++, wait));
      });
    };
    while (state.wish ?? state.next) {
      const { wish, next, vote } = state;
      if (!wish) {
        store(next.choice === vote.choice ? { ...state, next: null } : sending(state));
        continue;
      }
      const current = () => state.wish?.key === wish.key; // neither erased nor settled by another tab
      const { body, failure } = await Promise.race([
        send(wish, current),
        new Promise((resolve) => {
          abandon = resolve;
        }),
      ]);
      if (!current()) continue;
      const outcome = failure && verdict(failure.status);
      if (outcome === "unknown") {
        await later(failure);
      } else if (outcome === "stranger" && !strange) {
        strange = await site.renew(true); // the next attempt has another token, or makes a new voter
        if (!strange) await later(failure);
      } else {
        attempt = 0;
        settle(wish.choice, body, failure);
      }
    }
    busy = false;
    waiting.splice(0).forEach((done) => done());
  }

  async function send({ choice, key }, current) {
    try {
      const token = await site.voter(current);
      if (!current()) return {};
      if (!token) return { failure: {} };
      store(known(state, claims(token).sub));
      const body = await site.ask(`/articles/${id}/vote`, {
        keepalive: true, // the reader may leave the page at once
        method: choice === null ? "DELETE" : "PUT",
        headers: {
          Authorization: `Bearer ${token}`,
          "Content-Type": "application/json",
          "Idempotency-Key": key,
          "If-Match": `"${state.wish.version}"`,
        },
        body: choice === null ? null : JSON.stringify({ choice }),
      });
      return restored(body) ? { body } : { failure: {} }; // an answer that is not our service's is no answer
    } catch (failure) {
      return { failure, body: failure.body };
    }
  }

  /** The outcome of a wish is known. With a `failure` it was refused, and the page shows the stored vote. */
  function settle(choice, body, failure) {
    // A refusal says how the service knows our vote and the tally, also if we know higher versions: a table was restored.
    const before = failure ? { ...state, vote: UNKNOWN.vote, tally: body?.tally ? null : state.tally } : state;
    const news = restored(body) ? mine(before, body) : state;
    const status = failure?.status;
    store({ ...news, wish: null, next: failure ? null : news.next }, status ?? "");
    (origin?.isConnected ? origin : [...article.views][0]?.host)?.dispatchEvent(
      new CustomEvent(`vote-${failure ? "refused" : choice === null ? "retracted" : "cast"}`, {
        bubbles: true,
        composed: true,
        detail: { site: site.id, article: id, choice, tally: state.tally, status, code: body?.code },
      }),
    );
    if (failure) site.read([article]);
  }

  const article = {
    id,
    site,
    views: new Set(),

    /** What elements show. */
    now: () => ({ state, trouble }),

    /** A public tally arrived. `answer`: the vote of `voter`, who we are, or nothing; it may have a tally. */
    read(tally, answer, voter) {
      if (tally.state === "unknown") return warn("article", id);
      if (!tally.ballot.choices) throw Error("no tally"); // an answer that is not our service's
      if (answer && !state.wish) state = mine(known(state, voter), answer);
      show(seen(state, tally));
      if (answer && answer.tally === undefined && (doubtful(state) || hidesFrom(state, tally))) site.read([article]);
    },

    /** The reader wants this choice, or no vote (null). Resolves when the outcome is known: true if it is stored. */
    choose(choice, element) {
      origin = element;
      store(wanting(state, choice, newKey(), Date.now()), "");
      return new Promise((resolve) => {
        waiting.push(() => resolve(state.vote.choice === choice));
        work();
      });
    },

    /** Something was kept or erased for this article. `all`: anything may have happened in the meantime. */
    heard(all) {
      const other = restored(recall(name));
      const news = shared(state, other);
      // The other tab had not heard of our click when it kept its state. It hears of it again.
      (other && news === state ? store : show)(news, "");
      wake?.();
      if (all) {
        abandon?.({ failure: {} }); // WebKit never ends a request that was on its way when the page went to the back-forward cache
        if (article.views.size) site.want(article);
      }
      if (state.wish) setTimeout(work, FOREIGN_WISH_MS);
    },
  };

  addEventListener("online", () => {
    wake?.();
    work();
  });
  work();
  return article;
}
