"""The sum of an article's shards."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.voting.tallies import EMPTY_TALLY, Tally, add_up


class TestTallies:
    def test_nothing_adds_up_to_the_empty_tally(self) -> None:
        assert add_up([]) == EMPTY_TALLY

    @given(st.lists(st.builds(Tally, st.dictionaries(st.sampled_from("abc"), st.integers(0, 9)), st.integers(1, 9))))
    def test_shards_add_up_in_any_order(self, shards: list[Tally]) -> None:
        total = add_up(shards)
        expected = Counter[str]()
        for shard in shards:
            expected.update(shard.counts)
        assert Counter(total.counts) == expected
        assert total.version == sum(shard.version for shard in shards)
        assert total == add_up(reversed(shards))

    def test_the_latest_change_is_the_tallys(self) -> None:
        assert add_up([Tally({}, 1, 5), Tally({}, 1), Tally({}, 1, 7), Tally({}, 1, 6)]).updated_at == 7
