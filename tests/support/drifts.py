"""Which shards of articles differ from their votes, while nothing else is at work on the store."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from chalicelib.deadlines import Deadline
from chalicelib.publishing.articles import ArticleRef
from chalicelib.voting.ports import OperatorStore
from chalicelib.voting.recount import Drift, recount_partition
from chalicelib.voting.tallies import Tally
from chalicelib.voting.voters import VOTE_PARTITIONS
from chalicelib.voting.votes import Vote
from tests.support.fakes import no_pause, patient


class _Quiet:
    """What a recount reads, where nothing changes meanwhile: all shards of an article are read once, not 32 times."""

    def __init__(self, store: OperatorStore) -> None:
        self._store = store
        self._shards: dict[ArticleRef, dict[int, Tally]] = {}

    def shards(self, ref: ArticleRef, deadline: Deadline) -> dict[int, Tally]:
        if ref not in self._shards:
            self._shards[ref] = self._store.shards(ref, deadline)
        return self._shards[ref]

    def votes_in_partition(
        self, ref: ArticleRef, partition: int, new_deadline: Callable[[], Deadline]
    ) -> Iterator[tuple[str, Vote]]:
        return self._store.votes_in_partition(ref, partition, new_deadline)


def drifted(store: OperatorStore, *refs: ArticleRef) -> list[Drift]:
    """What the recount finds in these articles."""
    quiet = _Quiet(store)
    return [
        drift
        for ref in refs
        for partition in range(VOTE_PARTITIONS)
        for drift in recount_partition(quiet, ref, partition, patient, no_pause).drifts  # type: ignore[arg-type]
    ]
