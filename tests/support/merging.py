"""Readers with tokens of their own, on a store: what merges must find together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from chalicelib.deadlines import Deadline
from chalicelib.metrics import Metrics
from chalicelib.preconditions import NO_PRECONDITION, Precondition
from chalicelib.publishing.articles import ArticleRef
from chalicelib.publishing.key_directory import KeyDirectory
from chalicelib.publishing.site_directory import SiteDirectory
from chalicelib.voting.aliases import add_alias
from chalicelib.voting.commits import Outcome
from chalicelib.voting.merging import finish_merges
from chalicelib.voting.ports import OperatorStore
from chalicelib.voting.tallies import Tally
from chalicelib.voting.use_cases import Declaration, Voter, Voting
from chalicelib.voting.votes import Vote
from tests.support.drifts import drifted
from tests.support.fake_networks import a_gate_and_its_salts
from tests.support.fakes import DEMO, START, MemoryKeyring, patient

PEPPER = MemoryKeyring().pepper(patient())
OLD, NEW, NEWEST = (ArticleRef("demo", article) for article in ("old", "new", "newest"))


@dataclass
class Newsroom:
    """A site whose articles get other ids. Each wish comes a second after the one before."""

    store: OperatorStore
    seconds: count[int] = field(default_factory=lambda: count(START))

    @property
    def voting(self) -> Voting:
        """The feature, in a container that has just started."""
        sites = SiteDirectory(self.store, lambda: 0.0)
        keys = KeyDirectory(self.store, lambda: 0.0)
        return Voting(sites, keys, self.store, MemoryKeyring(), *a_gate_and_its_salts(), str, Metrics())

    def vote(
        self,
        reader: str,
        ref: ArticleRef,
        choice: str | None,
        key: str | None = None,
        precondition: Precondition = NO_PRECONDITION,
    ) -> Outcome:
        wish = Declaration(choice, next(self.seconds), key, precondition)
        return self.voting.set_vote(Voter(DEMO, reader), ref.article, wish, patient())

    def vote_of(self, reader: str, ref: ArticleRef) -> Vote:
        """As the reader sees it; in a list it is the same."""
        vote, _ = self.voting.vote_and_tally(Voter(DEMO, reader), ref.article, patient())
        (listed,) = self.voting.votes(Voter(DEMO, reader), [ref.article], patient())
        assert listed == vote
        return vote

    def tally(self, ref: ArticleRef) -> Tally:
        return self.voting.tally(DEMO, ref.article, patient(), consistent=True)

    def counts(self, ref: ArticleRef) -> dict[str, int]:
        return {choice: number for choice, number in self.tally(ref).counts.items() if number}

    def alias(self, old: ArticleRef, new: ArticleRef) -> None:
        """Make one an alias of the other, and finish the merge."""
        target = add_alias(self.store, new, old.article, START, patient())
        finish_merges(self.store, target, PEPPER, START, patient)

    def drifts(self, *refs: ArticleRef) -> int:
        return len(drifted(self.store, *refs))


def ending_after(calls: int) -> Callable[[], Deadline]:
    """Deadlines that together let the store be called this often, as if the process was killed then."""
    seconds = count()
    one = Deadline(lambda: float(next(seconds)), calls)
    return lambda: one
