// What one browser knows about one article, and how news changes it. Every function is pure and returns a new state.
//
//   tally    the newest public tally, or null          counted  the choice of ours that this tally includes, or null
//   vote     our own vote, as last acknowledged        wish     {choice, key, version} on its way: maybe stored
//   next     {choice, key}: what the reader wants after that, or null
//   clicked  when the reader clicked last, in milliseconds; undefined: never
//   by       the voter whose vote it is
//
// Two rules keep the page truthful. A tally of a lower version never replaces a higher one. While the outcome of a wish
// is unknown, only the first public tally is accepted: nobody can say whether a later one includes the wish.

export const UNKNOWN = { tally: null, counted: null, vote: { choice: null, version: 0 }, wish: null, next: null };

/** A public tally arrived. After the first tally, one that may not include our vote is refused. */
export function seen(state, tally) {
  const comparable = !state.wish && state.counted === state.vote.choice;
  if (state.tally && !(comparable && tally.version >= state.tally.version && !hidesFrom(state, tally))) return state;
  return { ...state, tally, counted: !tally.counts || tally.counts[state.counted] ? state.counted : null };
}

/**
 * Our own vote arrived. Its tally was read after it and so includes it; null: the tally could not be read; undefined:
 * the vote is from a list. A browser that knew nothing assumes that the public tally beside a list includes its vote.
 */
export function mine(state, { vote, tally }) {
  const { choice, version } = vote;
  if (version < state.vote.version) return state;
  const news = { ...state, vote: { choice, version } };
  if (tally && !(state.tally?.version > tally.version)) news.tally = tally;
  if (tally || (tally === undefined && !state.tally && !state.vote.version)) news.counted = choice;
  return news;
}

/** True if a public tally does not show the counts, but the site may show them to us, because we have voted. */
export const hidesFrom = (state, tally) => !tally.counts && state.vote.choice !== null;

/** True if the tally may not include our acknowledged vote. Then we ask for a private answer. */
export const doubtful = ({ counted, vote, wish }) => !wish && counted !== vote.choice;

/** The reader is this voter. The vote of another voter is not ours, and nothing of ours is counted. */
export function known(state, by) {
  if (state.by === by) return state;
  return { ...state, by, vote: UNKNOWN.vote, counted: null, wish: state.wish && { ...state.wish, version: 0 } };
}

/** What was kept, if it is a state. Otherwise null. */
export const restored = (kept) =>
  kept?.vote?.version >= 0 && (!kept.tally || kept.tally.ballot?.choices) ? kept : null;

/** The reader clicked. Tabs that send this click use the same key, so that the service takes it once. */
export const wanting = (state, choice, key, clicked) => ({ ...state, next: { choice, key }, clicked });

/** The next wish is sent, with the version that we know. */
export function sending(state) {
  return { ...state, wish: { ...state.next, version: state.vote.version }, next: null };
}

/**
 * Another tab kept its state; null: it erased everything. A click that the other tab did not know of is not lost. Our
 * tally stays if it is newer.
 */
export function shared(state, other) {
  const { tally } = state;
  if (!other) return { ...UNKNOWN, tally };
  if ((state.wish ?? state.next) && state.clicked > (other.clicked ?? 0)) return state;
  return tally && !(other.tally?.version >= tally.version) ? { ...other, tally } : other;
}

/** The choice that the page shows as ours. */
export const choice = ({ vote, wish, next }) => (next ?? wish ?? vote).choice;

/**
 * What to show: the tally with our vote moved to the choice that we want, and the mean of the stars (NaN: no votes).
 * The state must have a tally.
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
    upcoming: tally.state === "upcoming",
    mean: tally.ballot.kind === "stars" && stars / voters,
  };
}
