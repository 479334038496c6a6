"""What exclusions need from a store. `trust.store` implements it on DynamoDB, and tests have a fake."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol

from chalicelib.deadlines import Deadline
from chalicelib.publishing.articles import ArticleRef
from chalicelib.trust.exclusions import Exclusion
from chalicelib.voting.votes import Vote

Moved = Literal["moved", "changed", "ended"]
"""`changed`: a vote is not as it was read. `ended`: the exclusion is not in this state any more. Nothing was moved."""


class ExclusionStore(Protocol):
    """Every method raises `Unavailable` if there is no answer by the deadline."""

    def exclusion(self, site: str, exclusion_id: str, deadline: Deadline) -> Exclusion | None: ...
    def exclusions(self, site: str, deadline: Deadline) -> list[Exclusion]: ...
    def unfinished_exclusions(self, deadline: Deadline) -> list[tuple[str, str]]: ...
    def put_exclusion(self, exclusion: Exclusion, deadline: Deadline) -> bool: ...
    def move_votes(
        self, exclusion: Exclusion, ref: ArticleRef, votes: Sequence[tuple[str, Vote]], deadline: Deadline
    ) -> Moved: ...
    def excluded_votes(self, ref: ArticleRef, name: str, epoch: int, deadline: Deadline) -> Mapping[str, int]: ...
    def forget_votes(self, ref: ArticleRef, name: str, at: int, deadline: Deadline) -> None: ...
