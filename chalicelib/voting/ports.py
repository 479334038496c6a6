"""What voting needs from outside: a store and keys. `store`, `operator_store` and `keyring` implement it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol

from chalicelib.deadlines import Deadline
from chalicelib.publishing.articles import ArticleRef, Terms
from chalicelib.publishing.ports import ArticleStore, SiteStore
from chalicelib.voting.commits import CommitResult
from chalicelib.voting.tallies import Tally
from chalicelib.voting.token_keys import TokenKey
from chalicelib.voting.votes import Apply, Vote


class VoteStore(Protocol):
    """Used on a request's path and by the projection. Every method raises `Unavailable` after the deadline.

    A store never decides: it commits a decision, or says what stands in its way.
    """

    def commit(
        self, ref: ArticleRef, voter_key: str, change: Apply, deadline: Deadline, *, registered_only: bool
    ) -> CommitResult: ...
    def known_terms(self, ref: ArticleRef) -> Terms: ...
    def terms(self, refs: Sequence[ArticleRef], deadline: Deadline) -> dict[ArticleRef, Terms]: ...
    def vote(self, ref: ArticleRef, voter_key: str, deadline: Deadline) -> Vote: ...
    def votes(self, voter_keys: Sequence[tuple[ArticleRef, str]], deadline: Deadline) -> list[Vote]: ...
    def tally(self, ref: ArticleRef, deadline: Deadline, *, consistent: bool) -> Tally: ...
    def projected_tallies(self, refs: Sequence[ArticleRef], deadline: Deadline) -> list[Tally | None]: ...
    def put_projected_tally(self, ref: ArticleRef, tally: Tally, deadline: Deadline) -> bool: ...


class PepperStore(Protocol):
    """Where the fingerprint of the pepper is kept."""

    def agreed_pepper(self, fingerprint: str, deadline: Deadline) -> str: ...


class MergeStore(VoteStore, ArticleStore, Protocol):
    """What aliases and merges need."""

    def votes_in_partition(
        self, ref: ArticleRef, partition: int, deadline_for_page: Callable[[], Deadline]
    ) -> Iterator[tuple[str, Vote]]: ...
    def unfinished_merges(self, deadline: Deadline) -> list[ArticleRef]: ...


class OperatorStore(MergeStore, SiteStore, Protocol):
    """What only the command line may do."""

    def articles_with_votes(
        self, site_id: str | None, deadline_for_page: Callable[[], Deadline]
    ) -> Iterator[ArticleRef]: ...
    def partitions_in_segment(
        self, segment: int, segments: int, deadline_for_page: Callable[[], Deadline]
    ) -> Iterator[tuple[ArticleRef, int]]: ...
    def shards(self, ref: ArticleRef, deadline: Deadline) -> dict[int, Tally]: ...
    def repair_shard(
        self, ref: ArticleRef, shard: int, counts: Mapping[str, int], read_version: int, at: int, deadline: Deadline
    ) -> bool: ...


class Keyring(Protocol):
    """The secrets by which voters are recognised."""

    def pepper(self, deadline: Deadline) -> bytes: ...
    def signing_key(self, deadline: Deadline) -> TokenKey: ...
    def key_named(self, kid: str, deadline: Deadline) -> TokenKey | None: ...
