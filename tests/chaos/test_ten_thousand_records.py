"""Ten thousand records of votes, shuffled and repeated. `make unit` has the same in small."""

from __future__ import annotations

import random

from tests.support.replays import batches, check_against_truth, everything, projected, voted

RECORDS, DUPLICATES = 10_000, 0.1


def test_shuffled_and_a_tenth_of_them_twice_they_end_in_the_same_values() -> None:
    seed = random.randrange(10**9)
    print(f"seed {seed}")
    rng = random.Random(seed)
    store = voted(rng, RECORDS, hours=36)
    in_order = projected(store, batches(store.records, rng))
    check_against_truth(store, in_order)
    shuffled = [*store.records, *rng.sample(store.records, int(RECORDS * DUPLICATES))]
    rng.shuffle(shuffled)
    assert everything(projected(store, batches(shuffled, rng))) == everything(in_order)
