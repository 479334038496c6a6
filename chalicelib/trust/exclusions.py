"""Exclusions: which votes an editor takes out of an article's counts, and how far that has come.

    POST     applying     its votes are moved to counts of their own, which still count: nobody sees a change
             active       all are moved. One write of the article's terms, and none of them counts any more
    DELETE   restoring    one write of the terms, and all of them count again. Then they are moved back
             restored     everything is as before

So the tally changes in one moment, whatever stops a move half-way. (An active exclusion that is applied again takes
votes that came since, some at a time.) An excluded vote keeps its item. Its reader sees and changes it as before. Only
its count is another one, as long as the exclusion has it.

Example: 40 votes of a script are excluded. Ten of these "readers" vote again: they stay excluded. Then the exclusion is
undone. The tally has 40 votes more, among them ten with the new choice.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from dataclasses import field as member

from chalicelib.admission.provenance import TokenAge, read_provenance
from chalicelib.trust.states import State
from chalicelib.voting.votes import Vote

MOST_ACTIVE = 20  # of an article: each has some counts on each shard
ID_BYTES = 5


@dataclass(frozen=True, slots=True)
class Rule:
    """Which votes of an article. None: whatever they have.

    `article`: its id as stored. `first_hour`, `last_hour`: the hours in which the choice was made, both included, as
    the epoch seconds at which they begin. `mark`: of one of the vote's networks.
    """

    article: str
    first_hour: int
    last_hour: int
    mark: bytes | None = None
    token_age: TokenAge | None = None
    choice: str | None = None

    @property
    def id(self) -> str:
        """8 letters and digits. The same rule has the same id, so it does not matter how often it is sent."""
        parts = (self.article, self.first_hour, self.last_hour, (self.mark or b"").hex(), self.token_age, self.choice)
        digest = hashlib.blake2b("\n".join(str(part or "") for part in parts).encode(), digest_size=ID_BYTES).digest()
        return base64.b32encode(digest).decode().lower()

    def matches(self, vote: Vote, epoch: int, taken: Collection[str]) -> bool:
        """True for a vote with a choice of this epoch, if it is as the rule says and none of the exclusions has it.

        `taken`: the names of all exclusions that are not undone. A vote may have the name of one that is.
        """
        if vote.choice is None or vote.epoch != epoch or vote.exclusion in taken:
            return False
        if not self.first_hour <= (vote.changed_at or 0) <= self.last_hour or self.choice not in (None, vote.choice):
            return False
        if self.mark is None and self.token_age is None:
            return True
        found = read_provenance(vote.provenance)
        if found is None:
            return False
        return self.token_age in (None, found.token_age) and (self.mark is None or self.mark in found.marks)


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A rule that was applied. `generation`: 1, and one more each time that it is applied after it was undone.

    `made_by`, `made_at`, `ended_by`, `ended_at`: the ids of the keys, and the epoch seconds. `progress`: the last part
    of the article's votes that was moved in this state; empty if none was. `votes`: how many are excluded, by the
    choices that they had. `version`: grows with each change.
    """

    site: str
    rule: Rule
    made_by: str
    made_at: int
    state: State = "applying"
    generation: int = 1
    progress: str = ""
    votes: Mapping[str, int] = member(default_factory=dict)
    ended_by: str | None = None
    ended_at: int | None = None
    version: int = 0

    @property
    def name(self) -> str:
        """What its votes and their counts are called."""
        return f"{self.rule.id}.{self.generation}"

    @property
    def is_finished(self) -> bool:
        """True if no vote is left to be moved."""
        return self.state in ("active", "restored")

    def apply(self, key: str, at: int) -> Exclusion:
        """Applied once more: for votes that came since, or after it was undone. Not while votes are moved back."""
        if self.state != "restored":
            return replace(self, state="applying", progress="")
        return Exclusion(self.site, self.rule, key, at, generation=self.generation + 1, version=self.version)

    def undo(self, key: str, at: int) -> Exclusion:
        """Undone, which is begun once."""
        if self.state in ("restoring", "restored"):
            return self
        return replace(self, state="restoring", progress="", ended_by=key, ended_at=at)
