// From the address to what the page shows, and back. Pure functions.

import { ARTICLE_ID, HOURS_ARE_KEPT_SECONDS, MOST_POINTS, ORDERS, SERVICE_WINDOWS, SITE_ID } from "../build/facts.js";
import { DAY, HOUR, plusDays } from "./calendar.js";

const WEEK_DAYS = 7;
/** The windows of the service, and yesterday, which is the day before this day. */
export const WINDOWS = SERVICE_WINDOWS.flatMap((window) => (window === "day" ? ["day", "yesterday"] : [window]));
/** The window of the top articles that fits a range of the chart, until the reader chooses another. */
const FITTING = { day: "day", week: "week", month: "month" };
/** Ranges of a chart. `life` is an article's: from its first vote to now. */
export const RANGES = ["day", "week", "month", "year", "dates"],
  ARTICLE_RANGES = ["life", ...RANGES];
export const COMPARISONS = ["previous", "weekday", "none"];
const DAYS = { week: 7, month: 30, year: 365 }; // a day is 24 hours
const MOST_HOURS = 3 * DAY + HOUR; // a longer chart shows days, because more bars would be too thin

const NAME = /^[^\s\p{C}](?:[^\p{C}]{0,98}[^\s\p{C}])?$/u; // of a section or an author
const TIME = /^\d{4}-\d\d-\d\d(T\d\dZ)?$/; // a day of the site, or an hour of UTC

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
    section: one("section", NAME, ""),
    author: one("author", NAME, ""),
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
 * The hours or days that a route's range covers at `now` (epoch seconds): {step, since, until, calendar}. `calendar` is
 * the site's. `first` is the time of an article's first vote, if it is known.
 */
export function span(route, now, calendar, first = null) {
  const range = rangeOf(route),
    next = (Math.floor(now / HOUR) + 1) * HOUR;
  if (range === "dates") {
    const until = isHour(route.until) ? hourIn(route.until) : calendar.begins(plusDays(route.until, 1));
    const since = isHour(route.since) ? hourIn(route.since) : calendar.begins(route.since);
    return spanOf(since, Math.min(until, next), now, calendar);
  }
  if (range === "life") return spanOf(first ?? calendar.start(now, 1 - MOST_POINTS), next, now, calendar);
  if (range === "day") return spanOf(next - DAY, next, now, calendar);
  return spanOf(calendar.start(now, 1 - DAYS[range]), calendar.start(now, 1), now, calendar);
}

/** A span of whole hours if it has at most three days and hours are kept for it. Otherwise of whole days. */
export function spanOf(since, until, now, calendar) {
  if (until - since <= MOST_HOURS && since >= now - HOURS_ARE_KEPT_SECONDS) {
    const end = Math.ceil(until / HOUR) * HOUR;
    return { step: "hour", since: Math.min(Math.floor(since / HOUR) * HOUR, end - HOUR), until: end, calendar };
  }
  const end = calendar.ceil(until);
  const start = Math.min(calendar.start(since), calendar.start(end, -1));
  return { step: "day", since: Math.max(start, calendar.start(end, -MOST_POINTS)), until: end, calendar };
}

/** The route's change that shows a span. */
export function datesOf({ step, since, until, calendar }) {
  return step === "hour"
    ? { range: "dates", since: hourOf(since), until: hourOf(until) }
    : { range: "dates", since: calendar.dayOf(since), until: calendar.dayOf(until - 1) };
}

/** The route's change for the span before (`by` is -1) or after (1) the span `shown`. Null if it is in the future. */
export function neighbour(shown, by, now) {
  const moved = shift(shown, shown.step === "hour" ? by * (shown.until - shown.since) : by * daysOf(shown));
  if (moved.since > now) return null;
  const range = ["day", ...Object.keys(DAYS)].find((one) => {
    const its = span({ range: one }, now, shown.calendar);
    return its.step === moved.step && its.since === moved.since && its.until === moved.until;
  });
  return range ? { range, since: "", until: "" } : datesOf(moved);
}

/** The span that another is compared with: the one before it, or the same one a number of weeks before. Or null. */
export function comparedWith(shown, compare) {
  if (compare === "none") return null;
  const days = shown.step === "hour" ? (shown.until - shown.since) / DAY : daysOf(shown);
  const back = compare === "weekday" ? Math.ceil(days / WEEK_DAYS) * WEEK_DAYS : days;
  return shift(shown, shown.step === "hour" ? -back * DAY : -back);
}

const daysOf = ({ since, until, calendar }) => calendar.daysBetween(since, until);

/** A span moved by a number of seconds if it has hours, or of days. */
function shift({ step, since, until, calendar }, by) {
  if (step === "hour") return { step, since: since + by, until: until + by, calendar };
  return { step, since: calendar.start(since, by), until: calendar.start(until, by), calendar };
}

const isHour = (time) => time.includes("T");
const hourIn = (time) => Date.parse(time.replace("Z", ":00Z")) / 1000;

/** Epoch seconds as an hour of UTC, as addresses have it. */
export const hourOf = (at) => `${moment(at).slice(0, 13)}Z`;

/** The window that the top articles are of: the one that was chosen, or the one that fits the chart's range. */
export const windowOf = (route) => route.window || FITTING[rangeOf(route)] || "all";

/** The orders for a site's articles. The window `all` has no rising. */
export const ordersOf = (kind, route) => ORDERS[kind].filter((one) => one !== "rising" || windowOf(route) !== "all");

/** The query of a leaderboard; yesterday is the day before. */
export function boardQuery(route) {
  const window = windowOf(route),
    yesterday = window === "yesterday";
  const order = route.order === "rising" && window === "all" ? "voters" : route.order;
  const only = ["section", "author"].map((name) => (route[name] ? `&${name}=${encodeURIComponent(route[name])}` : ""));
  return `order=${order}&window=${yesterday ? "day" : window}${yesterday ? "&ago=1" : ""}${only.join("")}`;
}

/** The query of a history. */
export const historyQuery = ({ step, since, until }) => `step=${step}&since=${moment(since)}&until=${moment(until)}`;

/** Epoch seconds as RFC 3339 in UTC. */
export const moment = (at) => `${new Date(at * 1000).toISOString().slice(0, 19)}Z`;
