// What a browser knows and shows, against a model of the service: whatever order news comes in, the page stays truthful.

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  choice,
  doubtful,
  hidesFrom,
  known,
  mine,
  restored,
  seen,
  sending,
  shared,
  UNKNOWN,
  view,
  wanting,
} from "../../chalicelib/static/element/state.js";

const tallyOf = (counts, version, kind = "updown") => ({
  ballot: { kind, choices: Object.keys(counts) },
  counts,
  version,
  state: "open",
  voters: Object.values(counts).reduce((sum, count) => sum + count, 0),
});

test("a lower version never replaces a higher one", () => {
  const known = seen(UNKNOWN, tallyOf({ up: 3, down: 0 }, 3));
  assert.equal(seen(known, tallyOf({ up: 2, down: 0 }, 2)), known);
  assert.equal(seen(known, tallyOf({ up: 3, down: 1 }, 4)).tally.version, 4);
});

test("our own vote is shown in the tally at once, moved when it changes, and taken out when it is retracted", () => {
  const known = mine(UNKNOWN, { vote: { choice: "up", version: 1 }, tally: tallyOf({ up: 5, down: 2 }, 7) });
  assert.deepEqual(view({ ...known, next: { choice: "down" } }).counts, { up: 4, down: 3 });
  assert.equal(view({ ...known, next: { choice: "down" } }).voters, 7);
  assert.deepEqual(view({ ...known, next: { choice: null } }).counts, { up: 4, down: 2 });
  assert.equal(view({ ...known, next: { choice: null } }).voters, 6);
});

test("while the outcome of a wish is unknown no public tally is taken in", () => {
  const known = seen(UNKNOWN, tallyOf({ up: 1, down: 0 }, 1));
  const waiting = sending(wanting(known, "up", "key", 1));
  assert.deepEqual(waiting.wish, { choice: "up", key: "key", version: 0 });
  const later = seen(waiting, tallyOf({ up: 2, down: 0 }, 2)); // it may be ours, it may be another reader's
  assert.equal(view(later).voters, 2);
});

test("after an acknowledged vote without a tally, public tallies wait until a private answer has come", () => {
  const known = seen(UNKNOWN, tallyOf({ up: 1, down: 0 }, 1));
  const voted = mine({ ...known, wish: null }, { vote: { choice: "up", version: 1 }, tally: null });
  assert.equal(doubtful(voted), true);
  assert.equal(view(seen(voted, tallyOf({ up: 1, down: 0 }, 1))).voters, 2);
  const exact = mine(voted, { vote: { choice: "up", version: 1 }, tally: tallyOf({ up: 2, down: 0 }, 2) });
  assert.equal(doubtful(exact), false);
  assert.equal(view(exact).voters, 2);
});

test("a browser that knew nothing takes the tally of a list to include its vote, unless it cannot", () => {
  const listed = mine(UNKNOWN, { vote: { choice: "up", version: 4 } });
  assert.equal(view(seen(listed, tallyOf({ up: 3, down: 0 }, 9))).voters, 3);
  assert.equal(doubtful(seen(listed, tallyOf({ up: 3, down: 0 }, 9))), false);
  const behind = seen(listed, tallyOf({ up: 0, down: 0 }, 0));
  assert.equal(view(behind).voters, 1, "only me, rather than nobody");
  assert.equal(doubtful(behind), true);
});

test("a vote out of a list that this tab did not know of needs a private answer, as its tally may be older", () => {
  const known = seen(UNKNOWN, tallyOf({ up: 2, down: 0 }, 2));
  const listed = mine(known, { vote: { choice: "up", version: 1 } });
  assert.equal(doubtful(listed), true);
  assert.equal(view(listed).voters, 3);
});

test("an older answer about our vote is ignored", () => {
  const known = mine(UNKNOWN, { vote: { choice: "up", version: 2 }, tally: tallyOf({ up: 1, down: 0 }, 2) });
  assert.equal(mine(known, { vote: { choice: "down", version: 1 } }), known);
});

test("another tab's news is taken over, but for a tally older than ours; an erased entry leaves a stranger", () => {
  const ours = seen(UNKNOWN, tallyOf({ up: 9, down: 0 }, 9));
  const theirs = mine(UNKNOWN, { vote: { choice: "up", version: 1 }, tally: tallyOf({ up: 8, down: 0 }, 8) });
  const both = shared(ours, theirs);
  assert.equal(both.tally.version, 9);
  assert.equal(view(both).voters, 9);
  assert.equal(choice(both), "up");
  const erased = shared(both, null);
  assert.equal(choice(erased), null);
  assert.equal(view(erased).voters, 9);
});

test("a click that another tab had not heard of when it kept its state is not lost", () => {
  const voted = { ...UNKNOWN, clicked: 1, vote: { choice: "up", version: 1 } };
  const ours = wanting(sending(wanting(UNKNOWN, "up", "one", 1)), null, "two", 2);
  assert.equal(shared(ours, voted), ours);
  assert.equal(choice(ours), null);
  // The other tab took the click over, or the reader clicked there later.
  const sent = sending(wanting(voted, null, "two", 2));
  assert.deepEqual(sent.wish, { choice: null, key: "two", version: 1 });
  assert.equal(shared(ours, sent), sent);
  assert.equal(choice(shared(ours, wanting(voted, "down", "three", 3))), "down");
  // Nothing of ours is on its way: the other tab knows at least as much.
  const settled = { ...voted, clicked: 4 };
  assert.equal(shared(settled, voted), voted);
});

test("another voter starts anew: nothing of ours is stored, nothing of ours is counted", () => {
  const ours = mine(known(UNKNOWN, "voter-one"), {
    vote: { choice: "up", version: 3 },
    tally: tallyOf({ up: 2, down: 0 }, 4),
  });
  assert.equal(known(ours, "voter-one"), ours);
  const wishing = sending(wanting(ours, "down", "key", 1));
  const other = known(wishing, "voter-two");
  assert.deepEqual(other.wish, { choice: "down", key: "key", version: 0 });
  assert.deepEqual([other.vote, other.counted], [UNKNOWN.vote, null]);
  assert.equal(view(other).voters, 3, "the vote of before still counts, and ours comes to it");
  const overtaken = mine(other, { vote: { choice: null, version: 0 }, tally: tallyOf({ up: 2, down: 0 }, 4) });
  assert.equal(overtaken.vote.version, 0);
});

test("what was kept is taken for a state only if it is one", () => {
  const good = mine(UNKNOWN, { vote: { choice: "up", version: 1 }, tally: tallyOf({ up: 1, down: 0 }, 1) });
  assert.deepEqual(restored(JSON.parse(JSON.stringify(good))), JSON.parse(JSON.stringify(good)));
  for (const bad of [
    null,
    undefined,
    7,
    "x",
    [],
    {},
    { vote: true },
    { vote: {} },
    { vote: { version: 1 }, tally: {} },
    { vote: { version: 1 }, tally: "x" },
    { vote: { version: 1 }, tally: { ballot: {} } },
    { vote: { version: "a" } },
  ]) {
    assert.equal(restored(bad), null, JSON.stringify(bad));
  }
});

test("choices may have any name", () => {
  const counts = { constructor: 1, null: 2 };
  const known = mine(UNKNOWN, { vote: { choice: "constructor", version: 1 }, tally: tallyOf(counts, 3, "reactions") });
  assert.deepEqual(view({ ...known, next: { choice: "null" } }).counts, { constructor: 0, null: 3 });
  assert.deepEqual(view({ ...known, next: { choice: null } }).counts, { constructor: 0, null: 2 });
});

test("the mean of stars moves with our own", () => {
  const counts = { 1: 0, 2: 0, 3: 1, 4: 0, 5: 1 };
  const known = seen(UNKNOWN, tallyOf(counts, 2, "stars"));
  assert.equal(view(known).mean, 4);
  assert.equal(view({ ...known, next: { choice: "1" } }).mean, 3);
  assert.equal(view(seen(UNKNOWN, tallyOf({ up: 1, down: 0 }, 1))).mean, false);
});

test("in ten thousand random histories every settled view is the service's own, with our vote in it", () => {
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
  console.log(`# seed ${seed}`);
  let state32 = seed;
  const random = (most) => {
    state32 = (Math.imul(state32, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state32 / 2 ** 32) * most);
  };
  const picks = ["up", "down", null];
  for (let history = 0; history < 10_000; history += 1) {
    // The service: exact counts, our vote, and every public tally it ever gave (a cache may repeat any of them).
    let counts = { up: random(3), down: random(3) },
      version = counts.up + counts.down;
    let own = { choice: null, version: 0 },
      since = 0;
    const given = [tallyOf({ ...counts }, version)];
    const cast = (pick) => {
      if (pick === own.choice) return;
      if (own.choice) counts[own.choice] -= 1;
      if (pick) counts[pick] += 1;
      own = { choice: pick, version: own.version + 1 };
      since = given.push(tallyOf({ ...counts }, ++version)) - 1;
    };
    // Our vote with a tally that was read after it: at any time after, as answers overtake each other.
    const answer = () => ({ vote: { ...own }, tally: given[since + random(given.length - since)] });
    let state = UNKNOWN,
      highest = 0;
    for (let step = 0; step < 12; step += 1) {
      const what = random(6);
      if (what === 0) {
        // another reader votes
        counts[picks[random(2)]] += 1;
        given.push(tallyOf({ ...counts }, ++version));
      } else if (what === 1) {
        state = seen(state, given[random(given.length)]);
      } else if (what === 2 && !state.wish) {
        state = mine(state, answer());
      } else if (what === 3 && !state.wish) {
        // a wish whose answer is lost once, or comes with no tally, or at once
        state = sending(wanting(state, picks[random(3)], `${step}`, step));
        cast(state.wish.choice);
      } else if (what === 4 && state.wish) {
        state = { ...mine(state, random(3) ? answer() : { ...answer(), tally: null }), wish: null };
      } else if (what === 5) {
        state = shared(state, JSON.parse(JSON.stringify(state))); // another tab that knows the same
      }
      if (!state.tally) continue;
      assert.ok(state.tally.version >= highest, "a lower version was taken in");
      highest = state.tally.version;
      const shown = view(state);
      assert.ok(shown.voters >= 0 && Object.values(shown.counts).every((count) => count >= 0), "less than nobody");
      if (!state.wish && !doubtful(state) && own.version === state.vote.version) {
        const then = given.find((tally) => tally.version === state.tally.version);
        assert.deepEqual(shown.counts, then.counts, "not what the service counted");
        assert.equal(shown.chosen, own.choice);
        if (own.choice) assert.ok(shown.counts[own.choice] >= 1, "our own acknowledged vote was left out");
      }
    }
  }
});

test("our own vote is counted once when a newer tally includes it", () => {
  const before = seen(UNKNOWN, tallyOf({ up: 2, down: 0 }, 2));
  const voted = mine(before, { vote: { choice: "up", version: 1 }, tally: tallyOf({ up: 3, down: 0 }, 3) });
  const newer = seen(voted, tallyOf({ up: 4, down: 0 }, 4)); // ours and another reader's
  assert.equal(newer.counted, "up");
  assert.equal(view(newer).voters, 4);
  assert.deepEqual(view(newer).counts, { up: 4, down: 0 });
  assert.deepEqual(view({ ...newer, next: { choice: "down" } }).counts, { up: 3, down: 1 });
});

test("a newer tally in which nobody has our choice does not count us", () => {
  const voted = mine(UNKNOWN, { vote: { choice: "up", version: 1 }, tally: tallyOf({ up: 1, down: 0 }, 1) });
  const erased = seen(voted, tallyOf({ up: 0, down: 0 }, 2));
  assert.equal(erased.counted, null);
  assert.equal(view(erased).voters, 1); // our vote is shown until the service says that it is gone
  assert.ok(doubtful(erased));
});

test("a tally of the same version is taken, since it may say that voting is closed now", () => {
  const known = seen(UNKNOWN, tallyOf({ up: 3, down: 0 }, 3));
  const closed = { ...tallyOf({ up: 3, down: 0 }, 3), state: "closed" };
  assert.equal(seen(known, closed).tally.state, "closed");
  assert.equal(view(seen(known, closed)).closed, true);
  assert.equal(view(known).closed, false);
  assert.equal(mine(known, { vote: { choice: null, version: 0 }, tally: closed }).tally.state, "closed");
  assert.equal(shared({ ...known, tally: known.tally }, { ...known, tally: closed }).tally.state, "closed");
});

test("a vote of the same version is taken: it may bring a tally", () => {
  const voted = mine(UNKNOWN, { vote: { choice: "up", version: 1 }, tally: null });
  assert.equal(voted.tally, null);
  assert.equal(voted.counted, null);
  const again = mine(voted, { vote: { choice: "up", version: 1 }, tally: tallyOf({ up: 1, down: 0 }, 1) });
  assert.equal(again.counted, "up");
  assert.equal(again.tally.version, 1);
});

test("a vote with an older tally keeps the newer tally, and is counted in it", () => {
  const known = seen(UNKNOWN, tallyOf({ up: 5, down: 0 }, 5));
  const voted = mine(known, { vote: { choice: "up", version: 1 }, tally: tallyOf({ up: 4, down: 0 }, 4) });
  assert.equal(voted.tally.version, 5);
  assert.equal(voted.counted, "up");
});

test("a wish is sent at the version that we know, and the next click waits", () => {
  const voted = mine(UNKNOWN, { vote: { choice: "up", version: 3 }, tally: tallyOf({ up: 1, down: 0 }, 3) });
  const waiting = wanting(voted, "down", "key", 1);
  assert.equal(choice(waiting), "down");
  const sent = sending(waiting);
  assert.deepEqual(sent.wish, { choice: "down", key: "key", version: 3 });
  assert.equal(sent.next, null);
  assert.equal(choice(sent), "down");
  assert.equal(choice({ ...sent, next: { choice: null } }), null);
  assert.equal(doubtful(sent), false);
});

test("an empty state and a state without a tally are states; a state with a version below 0 is refused", () => {
  assert.equal(restored(UNKNOWN), UNKNOWN);
  assert.equal(restored({ ...UNKNOWN, vote: { choice: null, version: -1 } }), null);
});

test("a state that another tab erased keeps the tally and nothing of ours", () => {
  const voted = mine(known(UNKNOWN, "voter-one"), {
    vote: { choice: "up", version: 1 },
    tally: tallyOf({ up: 1, down: 0 }, 1),
  });
  assert.deepEqual(shared(voted, null), { ...UNKNOWN, tally: voted.tally });
  assert.equal(shared(UNKNOWN, voted), voted);
});

test("another voter knows no vote and no version", () => {
  const state = known(UNKNOWN, "a voter");
  assert.equal(state.by, "a voter");
  assert.equal(known(state, "a voter"), state);
  const sent = sending(wanting({ ...state, vote: { choice: "up", version: 7 } }, "down", "key", 1));
  const another = known(sent, "another voter");
  assert.deepEqual(another.vote, UNKNOWN.vote);
  assert.deepEqual(another.wish, { choice: "down", key: "key", version: 0 });
  assert.equal(another.counted, null);
  assert.equal(known(state, "another voter").wish, null);
});

test("of ballots without stars there is no mean, and of stars without votes it is not a number", () => {
  assert.equal(view(seen(UNKNOWN, tallyOf({ up: 1, down: 0 }, 1))).mean, false);
  assert.ok(Number.isNaN(view(seen(UNKNOWN, tallyOf({ 1: 0, 5: 0 }, 0, "stars"))).mean));
  assert.equal(view(seen(UNKNOWN, tallyOf({ 1: 1, 5: 1 }, 2, "stars"))).mean, 3);
});

test("while the site shows no counts, the voters are shown, and our own answer brings the counts", () => {
  const hidden = { ...tallyOf({ up: 2 }, 5), counts: null };
  let state = seen(UNKNOWN, hidden);
  assert.deepEqual([view(state).voters, view(state).counts], [2, {}]);
  state = mine(state, { vote: { choice: "up", version: 1 }, tally: tallyOf({ up: 3 }, 6) });
  assert.deepEqual([view(state).voters, view(state).counts.up], [3, 3]);
  const later = { ...tallyOf({ up: 9 }, 7), counts: null };
  assert.equal(seen(state, later), state, "the counts do not vanish; a private answer is asked for");
  assert.equal(hidesFrom(state, later), true);
  assert.equal(hidesFrom(UNKNOWN, later), false);
});

test("our own vote stays counted in a tally without counts", () => {
  const own = { vote: { choice: "up", version: 1 }, tally: { ...tallyOf({ up: 3 }, 6), counts: null } };
  const state = mine(UNKNOWN, own);
  assert.equal(view(state).voters, 3);
});

test("an article that does not take votes yet is upcoming and not closed", () => {
  const shown = view(seen(UNKNOWN, { ...tallyOf({ up: 0 }, 1), state: "upcoming" }));
  assert.deepEqual([shown.upcoming, shown.closed], [true, false]);
});
