// The days of a site's time zone: when they begin, and which one a moment is in. The browser knows the zones' rules.
// Moments are epoch seconds, days are texts such as "2026-01-31".

export const HOUR = 3600,
  DAY = 24 * HOUR;
const QUARTER = HOUR / 4, // days begin at full quarter hours
  FARTHEST = 16 * HOUR; // no zone is as far from UTC

/** The day that is a number of days after another. */
export const plusDays = (day, days) => new Date(Date.parse(day) + days * DAY * 1000).toISOString().slice(0, 10);

export class Calendar {
  #clocks;
  #begins = new Map();

  /** `zone`: its name. If this browser does not know it, UTC stands in for it, and `zone` says so. */
  constructor(zone) {
    const clocksOf = (timeZone) =>
      new Intl.DateTimeFormat("en-u-ca-gregory-nu-latn", {
        year: "numeric",
        month: "2-digit",
        day: "2-digit",
        hour: "2-digit",
        hourCycle: "h23",
        timeZone,
      });
    try {
      this.#clocks = clocksOf(zone);
    } catch {
      this.#clocks = clocksOf("UTC");
    }
    this.name = zone;
    this.zone = this.#clocks.resolvedOptions().timeZone === "UTC" ? "UTC" : zone;
  }

  #shown(at) {
    return Object.fromEntries(this.#clocks.formatToParts(at * 1000).map(({ type, value }) => [type, value]));
  }

  /** The day that a moment is in. */
  dayOf(at) {
    const { year, month, day } = this.#shown(at);
    return `${year.padStart(4, "0")}-${month}-${day}`;
  }

  /** Which hour the clocks show, from 0 to 23. */
  hourOf(at) {
    return Number(this.#shown(at).hour);
  }

  /** When a day begins: at the first moment that is in it or, if it was left out, in a later day. */
  begins(day) {
    if (!this.#begins.has(day)) {
      let before = Date.parse(day) / 1000 - FARTHEST,
        from = before + 2 * FARTHEST;
      while (from - before > QUARTER) {
        const middle = before + Math.floor((from - before) / 2 / QUARTER) * QUARTER;
        if (this.dayOf(middle) < day) before = middle;
        else from = middle;
      }
      this.#begins.set(day, from);
    }
    return this.#begins.get(day);
  }

  /** When the day begins that is `days` after the one that a moment is in. */
  start(at, days = 0) {
    return this.begins(plusDays(this.dayOf(at), days));
  }

  /** The beginning of the next day, or the moment itself if a day begins with it. */
  ceil(at) {
    return this.start(at) === at ? at : this.start(at, 1);
  }

  /** How many days begin from one beginning of a day to another. */
  daysBetween(since, until) {
    return Math.round((until - since) / DAY);
  }
}
