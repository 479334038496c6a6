// What one browser knows about one article, and how news changes it. Pure: every function returns a new state.
//
//   tally    the newest public tally seen, or null     counted  which choice of ours that tally includes, or null
//   vote     our own vote as last acknowledged         wish     {choice, key, version} on its way: perhaps stored
//   next     {choice}: what the reader wants after that, or null
//   by       the end of the token that the vote belongs to
//
// Two rules keep the page truthful: a tally of a lower version never replaces a higher one, and while the outcome of a
// wish is unknown no public tally is taken in, because nobody can say whether it includes the wish.

export const UNKNOWN = { tally: null, counted: null, vote: { choice: null, version: 0 }, wish: null, next: null };

/** A public tally arrived. After an acknowledged vote that came without a tally, only a private answer will do. */
export function seen(state, tally) {
  const comparable = !state.wish && state.counted === state.vote.choice;
  if (state.tally && !(comparable && tally.version >= state.tally.version)) return state;
  return { ...state, tally, counted: tally.counts[state.counted] ? state.counted : null };
}

/**
 * Our own vote arrived: with a tally that was read after it and so includes it, with null where that could not be read,
 * or out of a list, without. A browser that knew nothing takes the public tally beside a list to include its vote.
 */
export function mine(state, { vote, tally }) {
  const { choice, version } = vote;
  if (version < state.vote.version) return state;
  const news = { ...state, vote: { choice, version } };
  if (tally && !(state.tally?.version > tally.version)) news.tally = tally;
  if (tally || (tally === undefined && !state.tally && !state.vote.version)) news.counted = choice;
  return news;
}

/** Whether the tally may leave out our own acknowledged vote, so that a private answer must be asked for. */
export const doubtful = ({ counted, vote, wish }) => !wish && counted !== vote.choice;

/** The reader is (now) the one with this token: what another voter voted is not ours, and nothing of ours is counted. */
export function known(state, token) {
  const by = token.slice(-9);
  if (state.by === by) return state;
  return { ...state, by, vote: UNKNOWN.vote, counted: null, wish: state.wish && { ...state.wish, version: 0 } };
}

/** What was kept, if it is a state. */
export const restored = (kept) =>
  kept?.vote?.version >= 0 && (!kept.tally || kept.tally.ballot?.choices) ? kept : null;

/** The wish goes out next: conditional on the version we know, under a key of its own. */
export function sending(state, key) {
  return { ...state, wish: { ...state.next, key, version: state.vote.version }, next: null };
}

/** Another tab stored what it knows; null: it erased everything. A newer tally includes what an older one did. */
export function shared(state, other) {
  const { tally } = state;
  if (!other) return { ...UNKNOWN, tally };
  return tally && !(other.tally?.version >= tally.version) ? { ...other, tally } : other;
}

/** The choice to show as ours. */
export const choice = ({ vote, wish, next }) => (next ?? wish ?? vote).choice;

/**
 * What to show: the tally with our vote moved to where we want it, and the mean of stars (NaN when there are none).
 * Needs a tally.
 */
export function view(state) {
  const { tally, counted } = state;
  const chosen = choice(state);
  const counts = { ...tally.counts };
  let { voters } = tally,
    stars = 0;
  for (const [one, step] of [
    [counted, -1],
    [chosen, 1],
  ]) {
    if (one === null) continue;
    voters += step;
    if (Object.hasOwn(counts, one)) counts[one] += step;
  }
  for (const star in counts) stars += +star * counts[star];
  return {
    ...tally.ballot,
    counts,
    chosen,
    voters,
    closed: tally.state === "closed",
    mean: tally.ballot.kind === "stars" && stars / voters,
  };
}
