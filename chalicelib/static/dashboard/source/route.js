// What the address says that the page shows, and back. Pure.

export const HOUR = 3600, DAY = 24 * HOUR;
/** The orders that articles with each kind of ballot are ranked in, as the service has them. */
export const ORDERS = {
  like: ["voters", "rising"],
  updown: ["voters", "net", "approval", "controversial", "rising"],
  stars: ["voters", "stars", "rising"],
  reactions: ["voters", "rising"],
};
export const WINDOWS = ["hour", "day", "yesterday", "week", "month", "all"];
export const RANGES = ["day", "week", "month", "year", "dates"];
const LENGTHS = { day: DAY, week: 7 * DAY, month: 30 * DAY, year: 365 * DAY };
// Of the service: hours are kept for 60 days, and one answer has at most 400 points.
const HOURS_KEPT = 60 * DAY, MOST_POINTS = 400;

const SITE = /^[a-z0-9][a-z0-9-]{0,62}$/, ARTICLE = /^[A-Za-z0-9][A-Za-z0-9._~:-]{0,127}$/, DATE = /^\d{4}-\d\d-\d\d$/;

/** A route. Whatever the address says amiss is left out, as if it said nothing. */
export function read(search) {
  const asked = new URLSearchParams(search);
  const one = (name, allowed, otherwise) => {
    const value = asked.get(name) ?? "";
    return (Array.isArray(allowed) ? allowed.includes(value) : allowed.test(value)) ? value : otherwise;
  };
  const since = one("since", DATE, ""), until = one("until", DATE, "");
  const range = one("range", RANGES, "week");
  return {
    site: one("site", SITE, ""),
    article: one("article", ARTICLE, ""),
    order: one("order", [...new Set(Object.values(ORDERS).flat())], "voters"),
    window: one("window", WINDOWS, "day"),
    range: range === "dates" && !(since && until) ? "week" : range,
    since, until,
    lang: one("lang", /^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/, ""),
  };
}

/** The address of a route, without what goes without saying. */
export function write(route) {
  const said = new URLSearchParams();
  for (const [name, value] of Object.entries(route)) {
    if (value && value !== read("")[name] && (route.range === "dates" || !/since|until/.test(name))) said.set(name, value);
  }
  return `?${said}`;
}

/** What a typed-in text names, or "". */
export const siteNamed = (text) => (SITE.test(text.trim()) ? text.trim() : "");
export const articleNamed = (text) => (ARTICLE.test(text.trim()) ? text.trim() : "");

/** The hours or days that a route's range covers at `now` (epoch seconds): {step, since, until}. */
export function span(route, now) {
  let since, until;
  if (route.range === "dates") {
    [since, until] = [route.since, route.until].map((date) => Date.parse(`${date}T00:00:00Z`) / 1000);
    until = Math.min(until + DAY, (Math.floor(now / HOUR) + 1) * HOUR);
  } else {
    until = (Math.floor(now / HOUR) + 1) * HOUR;
    since = until - LENGTHS[route.range];
  }
  const step = until - since <= 14 * DAY && since >= now - HOURS_KEPT ? "hour" : "day";
  const length = step === "hour" ? HOUR : DAY;
  since = Math.floor(since / length) * length;
  until = Math.ceil(until / length) * length;
  return { step, since: Math.max(since, until - MOST_POINTS * length), until };
}

/** The query of a leaderboard; yesterday is the day before. */
export function boardQuery(route) {
  const yesterday = route.window === "yesterday";
  return `order=${route.order}&window=${yesterday ? "day" : route.window}${yesterday ? "&ago=1" : ""}`;
}

/** The query of a history. */
export const historyQuery = ({ step, since, until }) => `step=${step}&since=${moment(since)}&until=${moment(until)}`;

/** Epoch seconds as RFC 3339 in UTC. */
export const moment = (at) => `${new Date(at * 1000).toISOString().slice(0, 19)}Z`;
