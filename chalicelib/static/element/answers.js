// What an answer means for a wish, and how long to wait before asking again. Pure.

/** First and longest pause where nobody waits for the answer. */
export const SLOW_MS = [5_000, 300_000];

/** What a status other than success says. None at all stands for no answer, or for one that is no sense. */
export function verdict(status) {
  if (status === 401) return "stranger"; // the token is not known (any more)
  // No answer, a time-out, "not now" and a server's trouble say nothing of the wish: it may be stored, or will be.
  return status > 399 && status < 500 && ![408, 425, 429].includes(status) ? "refused" : "unknown";
}

/**
 * Milliseconds until attempt number `attempt` + 1: full jitter under a doubling ceiling, so that a thousand pages that
 * lost the same server do not come back at once; never sooner than the server asked (`wait`, the seconds of a
 * Retry-After), but within the hour. https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function pause(attempt, wait, first = 500, most = 60_000, random = Math.random()) {
  return Math.min(3_600_000, (parseInt(wait, 10) || 0) * 1000 + random * Math.min(most, first * 2 ** attempt));
}
