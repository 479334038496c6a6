// Points of the service as the columns that a chart draws. Pure. Nothing is filled in that the service did not say.

import { DAY, HOUR } from "./route.js";

const lengthOf = (step) => (step === "hour" ? HOUR : DAY);
export const seconds = (text) => Date.parse(text) / 1000;

/** The beginnings of a span's hours or days, in epoch seconds. */
export function starts({ step, since, until }) {
  return Array.from({ length: (until - since) / lengthOf(step) }, (_, index) => since + index * lengthOf(step));
}

/** One column of times and, for each of `values`, one of what it takes from the point then; null where there is none. */
export function columns(span, points, ...values) {
  const known = new Map(points.map((point) => [seconds(point.start), point]));
  const times = starts(span);
  return [times, ...values.map((value) => times.map((at) => (known.has(at) ? value(known.get(at)) : null)))];
}

/**
 * A trend as two columns. It ends with its last change: until `end`, or now, nothing was gained since. Before it began
 * nothing is said.
 */
export function trendColumns({ step, start, values }, end, now) {
  const length = lengthOf(step), first = seconds(start);
  const last = Math.min(end ?? Infinity, Math.floor(now / length) * length + length);
  const gained = [...values];
  while (first + gained.length * length < last) gained.push(0);
  return [gained.map((_, index) => first + index * length), gained];
}

/**
 * The 95 % score interval of a proportion; `trials` is at least 1.
 * E. B. Wilson, JASA 22 (1927), 209-212; the service's `approval` is its lower end.
 */
export function wilson(successes, trials) {
  const z = 1.959964, share = successes / trials, spread = z * z / trials;
  const reach = z * Math.sqrt(share * (1 - share) / trials + spread / (4 * trials));
  return [-1, 1].map((sign) => Math.min(1, Math.max(0, (share + spread / 2 + sign * reach) / (1 + spread))));
}
