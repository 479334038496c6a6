"""Random lives of three ids: votes, aliases that come and go, resets, late copies. After each step all must agree."""

from __future__ import annotations

import random
from collections import Counter
from itertools import count

import pytest

from chalicelib.errors import VotingError
from chalicelib.publishing.articles import ArticleRef
from chalicelib.publishing.registering import reset
from chalicelib.voting.aliases import remove_alias
from tests.support.fakes import DEMO, START, MemoryStore, patient
from tests.support.merging import NEW, NEWEST, OLD, Newsroom

IDS, READERS, STEPS = (OLD, NEW, NEWEST), ("ann", "bob", "cid"), 40


class Life:
    """A newsroom, and what is known of it."""

    def __init__(self, seed: int) -> None:
        self.store, self.rng, self.keys = MemoryStore(), random.Random(seed), count()
        self.store.put_site(DEMO, patient())
        self.newsroom = Newsroom(self.store)
        self.wishes: list[tuple[str, ArticleRef, str | None, str]] = []
        self.versions: Counter[ArticleRef] = Counter()

    def step(self) -> str:
        """Do something. Returns what it was."""
        what = self.rng.choice(["vote"] * 5 + ["alias", "unalias", "reset", "late"])
        one, other = self.rng.sample(IDS, 2)
        try:
            if what == "vote":
                wish = self.rng.choice(READERS), one, self.rng.choice(["up", "down", None]), f"k{next(self.keys)}"
                self.newsroom.vote(*wish)
                self.wishes.append(wish)
            elif what == "late":
                self.repeat_a_wish()
            elif what == "alias":
                self.newsroom.alias(one, other)
            elif what == "unalias":
                remove_alias(self.store, other, one.article, START, patient())
                self.wishes.clear()  # of before: they may have been for articles whose ids these are no more
            else:
                reset(self.store, one, f"r{next(self.keys)}", START, patient())
        except VotingError as refused:
            what += f" ({refused.code})"
        return f"{what} {one.article} {other.article}"

    def repeat_a_wish(self) -> None:
        """A copy of the last wish comes late, for the id that it was for."""
        if self.wishes:
            before = [self.newsroom.counts(ref) for ref in IDS]
            assert not self.newsroom.vote(*self.wishes[-1]).changed
            assert [self.newsroom.counts(ref) for ref in IDS] == before

    def check(self) -> None:
        """Each reader counts once, tallies are the sums of what readers see, nothing drifts, no version falls."""
        for ref in IDS:
            tally = self.newsroom.tally(ref)
            votes = (self.newsroom.vote_of(reader, ref).choice for reader in READERS)
            assert self.newsroom.counts(ref) == dict(Counter(choice for choice in votes if choice is not None))
            assert tally.version >= self.versions[ref]
            self.versions[ref] = tally.version
        assert self.newsroom.drifts(*IDS) == 0


@pytest.mark.parametrize("seed", range(20))
def test_whatever_happens_to_ids_each_reader_counts_once(seed: int) -> None:
    life, done = Life(seed), []
    for _ in range(STEPS):
        done.append(life.step())
        try:
            life.check()
        except AssertionError as error:
            raise AssertionError(f"seed {seed}: {done}") from error
