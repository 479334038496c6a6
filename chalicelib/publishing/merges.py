"""Aliases: an old id of an article, whose reads and votes are the article's, and whose votes were merged into it.

    PUT a/aliases/old      old.moved_to = a        old takes no votes of its own any more
                           a.absorbed += old       the votes that are stored under the old id count for a
                           a.merging += old        they do not count yet: first, readers who voted under both ids are
                                                   found, and their older votes taken out (`voting.merging`)
    DELETE a/aliases/old   old.moved_to = old@2    the old id begins another life, as an article without votes

Votes are not moved: they stay under the id for which they were cast, and histories stay as they were. Only a reader who
voted under both ids loses the older vote. To find these readers, a merge reads every vote under the old id. What was
absorbed stays so for ever: nobody can vote on that life of the old id again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

NEVER = -1
MOST_DEPTH = 10
MOST_ABSORBED = 10  # each vote on the article reads the reader's votes under these ids, too


@dataclass(frozen=True, slots=True)
class Absorbed:
    """Votes of another article that count for this one.

    `into`: this article's epoch, for which they count; NEVER if they do not count any more, and are only looked at to
    recognise what readers wished before. `epoch`: the other article's, in which they were cast.
    """

    into: int
    epoch: int
    article: str

    def __str__(self) -> str:
        return f"{self.into}:{self.epoch}:{self.article}"


@dataclass(frozen=True, slots=True)
class Merges:
    """How an article is merged with others.

    `moved_to`: the article that takes its votes now, or None. `given_to`: the article that absorbed its votes, or None.
    `absorbed`: what counts for this one. `merging`: those of them that do not count yet, because some readers may have
    a vote under both ids. `depth`: how many aliases may lead to it one after the other.

    `changes`: how much of the article's version is due to changes of this. An id's tally must not get a lower version,
    because pages would ignore it. So where other versions are added to it no more, a change of this is a larger step.
    """

    moved_to: str | None = None
    given_to: str | None = None
    absorbed: tuple[Absorbed, ...] = ()
    merging: tuple[Absorbed, ...] = ()
    depth: int = 0
    changes: int = 0

    @property
    def counted(self) -> tuple[Absorbed, ...]:
        """What is absorbed and counts by now."""
        return tuple(one for one in self.absorbed if one not in self.merging)

    def move(self, target: str) -> Merges:
        """With this article as an alias of another one, which absorbs its votes."""
        return replace(self, moved_to=target, given_to=target, changes=self.changes + 1)

    def begin_again(self, next_life: str) -> Merges:
        """With another life of this id as the article that takes its votes."""
        return replace(self, moved_to=next_life, changes=self.changes + 1)

    def absorb(self, others: Iterable[Absorbed], depth: int) -> Merges:
        """With these to be merged. `depth`: that of their article."""
        new = tuple(others)
        return replace(
            self,
            absorbed=self.absorbed + new,
            merging=self.merging + new,
            depth=max(self.depth, depth + 1),
            changes=self.changes + 1,
        )

    def finish(self, merged: Absorbed) -> Merges:
        """With this one merged."""
        return replace(self, merging=_without(self.merging, merged), changes=self.changes + 1)

    def drop(self, merged: Absorbed, version: int) -> Merges:
        """Without this one, which never had a vote. `version`: the sum of the versions that it had."""
        absorbed, merging = _without(self.absorbed, merged), _without(self.merging, merged)
        return replace(self, absorbed=absorbed, merging=merging, changes=self.changes + 1 + version)


NO_MERGES = Merges()


def _without(absorbed: tuple[Absorbed, ...], one: Absorbed) -> tuple[Absorbed, ...]:
    return tuple(other for other in absorbed if other != one)


def written(absorbed: Iterable[Absorbed]) -> str:
    """As it is stored, and as a vote's transaction compares it."""
    return " ".join(map(str, absorbed))


def read_absorbed(text: str) -> tuple[Absorbed, ...]:
    """What `written` wrote."""
    parts = (one.split(":", 2) for one in text.split())
    return tuple(Absorbed(int(into), int(epoch), article) for into, epoch, article in parts)
