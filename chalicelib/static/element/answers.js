// What an answer means for a wish, and how long to wait before the next attempt. Pure functions.

/** The first and the longest pause for reads, for which no reader waits. */
export const SLOW_MS = [5_000, 300_000];

/** What a status other than success means. 0 or undefined: there was no answer, or it made no sense. */
export function verdict(status) {
  if (status === 401) return "stranger"; // the service does not accept the token
  // After no answer, a timeout, "not now" or a server error, the wish may or may not be stored.
  return status > 399 && status < 500 && ![408, 425, 429].includes(status) ? "refused" : "unknown";
}

/**
 * Milliseconds until attempt number `attempt` + 1: a random part of a limit that doubles, so that a thousand pages do
 * not call a server at the same moment. It is never shorter than `wait`, the seconds of a Retry-After, and never longer
 * than an hour. https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function pause(attempt, wait, first = 500, most = 60_000, random = Math.random()) {
  return Math.min(3_600_000, (parseInt(wait, 10) || 0) * 1000 + random * Math.min(most, first * 2 ** attempt));
}
