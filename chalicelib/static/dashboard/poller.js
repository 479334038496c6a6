// Reads the shown paths again and again while the page is visible.

const EVERY_MS = 5000,
  LONGEST_MS = 60_000;

export class Poller {
  #watched = new Map();
  #shown = new Map();
  #timer = 0;
  #generation = 0;
  #failures = 0;

  /** `report({asOf, trouble})` after each round: when all of it was last known to be true, and what is wrong since. */
  constructor(client, report) {
    this.client = client;
    this.report = report;
    this.asOf = null;
    document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(this.#timer) : this.round()));
    addEventListener("online", () => this.round());
  }

  /** Ask for these paths from now on, and no others; `paths` maps each to what renders its body. */
  watch(paths) {
    this.#generation += 1;
    this.#failures = 0;
    this.asOf = null;
    this.#shown.clear();
    this.#watched = new Map(Object.entries(paths));
    return this.round();
  }

  /** Ask for this path, too, from now on. */
  add(path, render) {
    this.#watched.set(path, render);
    return this.round();
  }

  /** Ask once for everything, and again later. */
  async round() {
    clearTimeout(this.#timer);
    const generation = this.#generation,
      asked = Date.now();
    const results = await Promise.allSettled(
      [...this.#watched].map(async ([path, render]) => {
        const body = await this.client.get(path);
        if (generation !== this.#generation || this.#shown.get(path) === body) return;
        this.#shown.set(path, body);
        try {
          render(body);
        } catch (error) {
          reportError(error); // a fault of ours, not the service's
        }
      }),
    );
    if (generation !== this.#generation) return; // another view has begun meanwhile
    const trouble = results.find((result) => result.status === "rejected")?.reason ?? null;
    if (!trouble) this.asOf = asked;
    this.#failures = trouble ? this.#failures + 1 : 0;
    this.report({ asOf: this.asOf, trouble });
    // A refused request would be refused again: stop until the page is shown again or the view changes.
    const refused = trouble && trouble.status >= 400 && trouble.status < 500 && trouble.status !== 429;
    clearTimeout(this.#timer);
    if (!document.hidden && !refused && this.#watched.size) {
      this.#timer = setTimeout(() => this.round(), Math.min(LONGEST_MS, EVERY_MS * 2 ** this.#failures));
    }
  }
}
