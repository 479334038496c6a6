// From the address to what the page shows, and back. Pure functions.

import { ARTICLE_ID, HOURS_ARE_KEPT_SECONDS, MOST_POINTS, ORDERS, SERVICE_WINDOWS, SITE_ID } from "../build/facts.js";

export const HOUR = 3600,
  DAY = 24 * HOUR,
  WEEK = 7 * DAY;
/** The windows of the service, and yesterday, which is the day before this day. */
export const WINDOWS = SERVICE_WINDOWS.flatMap((window) => (window === "day" ? ["day", "yesterday"] : [window]));
/** The window of the top articles that fits a range of the chart, until the reader chooses another. */
const FITTING = { day: "day", week: "week", month: "month" };
/** Ranges of a chart. `life` is an article's: from its first vote to now. */
export const RANGES = ["day", "week", "month", "year", "dates"],
  ARTICLE_RANGES = ["life", ...RANGES];
export const COMPARISONS = ["previous", "weekday", "none"];
const LENGTHS = { day: DAY, week: WEEK, month: 30 * DAY, year: 365 * DAY };
const MOST_HOURS = 3 * DAY; // a longer chart shows days, because more bars would be too thin

const TIME = /^\d{4}-\d\d-\d\d(T\d\d)?$/; // a day, or an hour of it, in UTC

/** A route. Wrong parts of the address are ignored. */
export function read(search) {
  const asked = new URLSearchParams(search);
  const one = (name, allowed, otherwise) => {
    const value = asked.get(name) ?? "";
    return (Array.isArray(allowed) ? allowed.includes(value) : allowed.test(value)) ? value : otherwise;
  };
  const since = one("since", TIME, ""),
    until = one("until", TIME, "");
  const range = one("range", ARTICLE_RANGES, "");
  return {
    site: one("site", SITE_ID, ""),
    article: one("article", ARTICLE_ID, ""),
    order: one("order", [...new Set(Object.values(ORDERS).flat())], "voters"),
    window: one("window", WINDOWS, ""),
    range: range === "dates" && !(since && until) ? "" : range,
    since,
    until,
    compare: one("compare", COMPARISONS, "previous"),
    lang: one("lang", /^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/, ""),
  };
}

/** The address of a route, omitting defaults. */
export function write(route) {
  const said = new URLSearchParams();
  for (const [name, value] of Object.entries(route)) {
    if (value && value !== read("")[name] && (route.range === "dates" || !/since|until/.test(name)))
      said.set(name, value);
  }
  return `?${said}`;
}

/** What a typed-in text names, or "". */
export const siteNamed = (text) => (SITE_ID.test(text.trim()) ? text.trim() : "");
export const articleNamed = (text) => (ARTICLE_ID.test(text.trim()) ? text.trim() : "");

/** The range that is shown: an article's whole life, or a site's week, unless the address says otherwise. */
export const rangeOf = (route) => route.range || (route.article ? "life" : "week");

/**
 * The hours or days that a route's range covers at `now` (epoch seconds): {step, since, until}. `first` is the time of
 * an article's first vote, if it is known.
 */
export function span(route, now, first = null) {
  const range = rangeOf(route),
    next = (Math.floor(now / HOUR) + 1) * HOUR;
  if (range === "dates") {
    const [since, until] = [route.since, route.until].map(beginning);
    return spanOf(since, Math.min(until + (route.until.includes("T") ? 0 : DAY), next), now);
  }
  if (range === "life") return spanOf(first ?? now - (MOST_POINTS - 1) * DAY, next, now);
  const end = LENGTHS[range] > MOST_HOURS ? Math.ceil(next / DAY) * DAY : next;
  return spanOf(end - LENGTHS[range], end, now);
}

/** A span of whole hours if it has at most three days and hours are kept for it. Otherwise of whole days. */
export function spanOf(since, until, now) {
  const step = until - since <= MOST_HOURS && since >= now - HOURS_ARE_KEPT_SECONDS ? "hour" : "day";
  const length = step === "hour" ? HOUR : DAY;
  const end = Math.ceil(until / length) * length;
  const start = Math.min(Math.floor(since / length) * length, end - length);
  return { step, since: Math.max(start, end - MOST_POINTS * length), until: end };
}

/** The route's change for the span before (`by` is -1) or after (1) the span `shown`. Null if it is in the future. */
export function neighbour(shown, by, now) {
  const length = shown.until - shown.since;
  const since = shown.since + by * length,
    until = shown.until + by * length;
  if (since > now) return null;
  const range = Object.keys(LENGTHS).find((one) => {
    const its = span({ range: one }, now);
    return its.since === since && its.until === until;
  });
  return range ? { range, since: "", until: "" } : { range: "dates", since: hourOf(since), until: hourOf(until) };
}

/** The span that another is compared with: the one before it, or the same one a number of weeks before. Or null. */
export function comparedWith(shown, compare) {
  if (compare === "none") return null;
  const length = shown.until - shown.since;
  const back = compare === "weekday" ? Math.ceil(length / WEEK) * WEEK : length;
  return { ...shown, since: shown.since - back, until: shown.until - back };
}

const beginning = (time) => Date.parse(`${time.length > 10 ? time : `${time}T00`}:00:00Z`) / 1000;

/** Epoch seconds as a day, or as an hour of it, as addresses have them. */
export const dayOf = (at) => moment(at).slice(0, 10);
export const hourOf = (at) => moment(at).slice(0, 13);

/** The window that the top articles are of: the one that was chosen, or the one that fits the chart's range. */
export const windowOf = (route) => route.window || FITTING[rangeOf(route)] || "all";

/** The orders for a site's articles. The window `all` has no rising. */
export const ordersOf = (kind, route) => ORDERS[kind].filter((one) => one !== "rising" || windowOf(route) !== "all");

/** The query of a leaderboard; yesterday is the day before. */
export function boardQuery(route) {
  const window = windowOf(route),
    yesterday = window === "yesterday";
  const order = route.order === "rising" && window === "all" ? "voters" : route.order;
  return `order=${order}&window=${yesterday ? "day" : window}${yesterday ? "&ago=1" : ""}`;
}

/** The query of a history. */
export const historyQuery = ({ step, since, until }) => `step=${step}&since=${moment(since)}&until=${moment(until)}`;

/** Epoch seconds as RFC 3339 in UTC. */
export const moment = (at) => `${new Date(at * 1000).toISOString().slice(0, 19)}Z`;
