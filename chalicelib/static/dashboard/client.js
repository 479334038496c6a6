// Asks the service, with the tag of what it already has.

const ANSWER_WITHIN_MS = 8000;
const MOST_KEPT = 60;
const ATTEMPTS = 4,
  PAUSE_MS = 1000;

/** There is no usable answer. `status`: that of the refusal; 0 if no answer came, or one that makes no sense. */
export class Trouble extends Error {
  constructor(status, detail = "") {
    super(detail);
    this.status = status;
  }
}

/**
 * There is no answer, or it makes no sense.
 * @returns {never}
 */
function nothing() {
  throw new Trouble(0);
}

/** Do what `ask` does. After an error that is not a refusal, do it again, so that one lost answer does not lose all. */
async function again(ask) {
  for (let left = ATTEMPTS - 1; ; left -= 1) {
    try {
      return await ask();
    } catch (trouble) {
      const refused = trouble.status >= 400 && trouble.status < 500 && trouble.status !== 429;
      if (!left || refused) throw trouble;
      await new Promise((done) => {
        setTimeout(done, PAUSE_MS);
      });
    }
  }
}

export class Client {
  #kept = new Map();

  /** `key()` is the key to show for a site, or "". */
  constructor(base, key) {
    this.base = base;
    this.key = key;
  }

  /** The body at a path: the same object as before if nothing has changed. Throws `Trouble`. */
  async get(path) {
    const kept = this.#kept.get(path);
    const answer = await this.#ask(path, kept ? { "If-None-Match": kept.tag } : {});
    if (answer.status === 304 && kept) return kept.body;
    const body = await answer.json().catch(nothing);
    if (this.#kept.size >= MOST_KEPT) this.#kept.clear();
    this.#kept.set(path, { tag: answer.headers.get("ETag") ?? "", body });
    return body;
  }

  /** The same, asked again if there was no answer: for what is not read again by itself. Throws `Trouble`. */
  surely(path) {
    return again(() => this.get(path));
  }

  /** What a path says, as CSV, and the query of the next page, if there is one. Throws `Trouble`. */
  csv(path) {
    return again(async () => {
      const answer = await this.#ask(path.replace(/(?=\?|$)/, ".csv"), {});
      const next = /^<(\?[^>]*)>; rel="next"$/.exec(answer.headers.get("Link") ?? "")?.[1] ?? null;
      return { text: await answer.text().catch(nothing), next };
    });
  }

  /**
   * Put a body at a path if that is at the version of `tag`, and return what is stored then. Throws `Trouble`. The same
   * body may be put again: the service finds it stored, and answers as it did before.
   */
  put(path, body, tag) {
    return this.#change("PUT", path, body, { "If-Match": tag });
  }

  /** Send a body that is safe to send again, and return the answer. Throws `Trouble`. */
  post(path, body) {
    return this.#change("POST", path, body);
  }

  /** Delete what is at a path, and return the answer. Throws `Trouble`. */
  remove(path) {
    return this.#change("DELETE", path);
  }

  #change(method, path, body, headers = {}) {
    const type = body && { "Content-Type": "application/json" };
    return again(async () => {
      const answer = await this.#ask(path, { ...headers, ...type }, { method, body: JSON.stringify(body) });
      this.forget();
      return answer.json().catch(nothing);
    });
  }

  /** Forget all kept answers. Called when the key changes. */
  forget() {
    this.#kept.clear();
  }

  async #ask(path, headers, more = {}) {
    const key = this.key();
    const answer = await fetch(new URL(path, this.base), {
      headers: key ? { ...headers, Authorization: `Bearer ${key}` } : headers,
      cache: "no-store", // the tags are kept here, so that a stale answer is never taken for a fresh one
      credentials: "omit",
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      ...more,
    }).catch(nothing);
    if (answer.ok || answer.status === 304) return answer;
    const problem = await answer.json().catch(() => ({}));
    throw new Trouble(answer.status, String(problem.detail ?? ""));
  }
}
