// One article on this page: what is known of it, the reader's wish on its way, and the views that show it.

import { pause, verdict } from "./answers.js";
import { keep, recall } from "./memory.js";
import { doubtful, known, mine, restored, seen, sending, shared, UNKNOWN } from "./state.js";
import { warn } from "./warn.js";

const FOREIGN_WISH_MS = 30_000; // how long another tab may take over its own wish before this one helps

/** Every article that elements of this page stand for, or that a wish waits for, by the name it is kept under. */
export const articles = {};

/** The one article of this page with this id. */
export const articleAt = (site, id) => (articles[`${site.base}/${id}`] ??= makeArticle(site, id, `${site.base}/${id}`));

/** A fresh key for a wish: a UUID, made in a way that pages over plain HTTP have too, unlike `crypto.randomUUID`. */
function newKey() {
  const url = URL.createObjectURL(new Blob());
  URL.revokeObjectURL(url);
  return url.slice(-36);
}

function makeArticle(site, id, name) {
  let state = restored(recall(name)) ?? UNKNOWN;
  let trouble = ""; // why the last wish is not settled: "late", the status of its refusal, or ""
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

  /** Send wishes, one at a time and each until its outcome is known, until the reader has what they want. */
  async function work() {
    if (busy) return;
    busy = true;
    let attempt = 0,
      strange;
    while (state.wish ?? state.next) {
      const { wish, next, vote } = state;
      if (!wish) {
        store(next.choice === vote.choice ? { ...state, next: null } : sending(state, newKey()));
        continue;
      }
      const current = () => state.wish?.key === wish.key; // not erased, nor settled by another tab
      const { body, failure } = await Promise.race([
        send(wish, current),
        new Promise((resolve) => {
          abandon = resolve;
        }),
      ]);
      if (!current()) continue;
      const outcome = failure && verdict(failure.status);
      if (outcome === "unknown") {
        show(state, "late");
        await new Promise((resolve) => {
          wake = resolve;
          setTimeout(resolve, pause(attempt++, failure.wait));
        });
      } else if (outcome === "stranger" && !strange) {
        strange = true;
        keep(site.base); // the next attempt makes a new voter
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
      store(known(state, token)); // throws without a token, which is no answer either
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

  /** The outcome of a wish is known: it stands, or (with a failure) it was refused and is rolled back. */
  function settle(choice, body, failure) {
    const news = restored(body) ? mine(state, body) : state;
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

    /** What elements show: the state, and why the last wish is not settled. */
    now: () => ({ state, trouble }),

    /** The public tally arrived, and our own vote if we are known, with or without a tally of its own. */
    read(tally, answer, token) {
      if (tally.state === "unknown") return warn("article", id);
      if (!tally.ballot.choices) throw Error("no tally"); // an answer that is not our service's
      if (answer && !state.wish) state = mine(known(state, token), answer);
      show(seen(state, tally));
      if (answer && answer.tally === undefined && doubtful(state)) site.read([article]);
    },

    /** The reader wants this choice, or none (null). Resolves when that is settled: whether it now stands. */
    choose(choice, element) {
      origin = element;
      store({ ...state, next: { choice } }, "");
      return new Promise((resolve) => {
        waiting.push(() => resolve(state.vote.choice === choice));
        work();
      });
    },

    /** Another tab kept something about this article, or erased it; or (`all`) anything may have happened meanwhile. */
    heard(all) {
      show(shared(state, restored(recall(name))), "");
      wake?.();
      if (all) {
        abandon?.({ failure: {} }); // WebKit never ends a request that was on its way when it put the page aside
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
