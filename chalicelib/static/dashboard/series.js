// From points of the service to the columns of a chart. Pure functions. Unknown values stay unknown.

import { HOUR } from "./calendar.js";

export const seconds = (text) => Date.parse(text) / 1000;

/** The beginnings of a span's hours or days, in epoch seconds. */
export function starts({ step, since, until, calendar }) {
  return step === "hour"
    ? Array.from({ length: (until - since) / HOUR }, (_, index) => since + index * HOUR)
    : Array.from({ length: calendar.daysBetween(since, until) }, (_, index) => calendar.start(since, index));
}

/** A column of times, and a column for each function in `values`: its result for the point, or null without a point. */
export function columns(span, points, ...values) {
  const known = new Map(points.map((point) => [seconds(point.start), point]));
  const times = starts(span);
  return [times, ...values.map((value) => times.map((at) => (known.has(at) ? value(known.get(at)) : null)))];
}

/**
 * A trend as its values. It ends with its last change: until `end`, or now, nothing was gained since. Before it began
 * nothing is said.
 */
export function trendValues({ step, start, values }, end, now, calendar) {
  const hours = step === "hour",
    first = seconds(start);
  const last = Math.min(end ?? Infinity, hours ? Math.floor(now / HOUR) * HOUR + HOUR : calendar.start(now, 1));
  const length = hours ? Math.ceil((last - first) / HOUR) : calendar.daysBetween(first, last);
  return [...values, ...Array(Math.max(0, length - values.length)).fill(0)];
}

/** How many of a span's hours or days are over at `now`. */
export const finished = ({ until }, times, now) =>
  times.filter((_, index) => (times[index + 1] ?? until) <= now).length;

/** The sum of the known values. Null if none is known. */
export const sum = (values) => values.reduce((all, one) => (one === null ? all : (all ?? 0) + one), null);

/** How much more `now` is than `before`, as a fraction; null where there is nothing to compare with. */
export const change = (now, before) => (before > 0 ? (now - before) / before : null);

/** What was gained in each of the day's 24 hours, added up over the points of a history by hours. */
export function byHourOfDay(points, calendar) {
  const hours = Array(24).fill(0);
  for (const { start, gained } of points) hours[calendar.hourOf(seconds(start))] += gained.voters;
  return hours;
}

/** The first point of a history at which somebody had voted, or undefined. */
export const firstVoted = (points) => points.find((one) => one.voters > 0);

/**
 * The 95 % score interval of a proportion; `trials` is at least 1.
 * E. B. Wilson, JASA 22 (1927), 209-212; the service's `approval` is its lower end.
 */
export function wilson(successes, trials) {
  const z = 1.959964,
    share = successes / trials,
    spread = (z * z) / trials;
  const reach = z * Math.sqrt((share * (1 - share)) / trials + spread / (4 * trials));
  return [-1, 1].map((sign) => Math.min(1, Math.max(0, (share + spread / 2 + sign * reach) / (1 + spread))));
}
