"""An editor who excludes votes and restores them, on a store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from chalicelib.deadlines import Deadline
from chalicelib.insights.intervals import FOR_EVER
from chalicelib.insights.leaderboards import Activity
from chalicelib.insights.ports import InsightStore
from chalicelib.insights.use_cases import Insights, Span
from chalicelib.publishing.articles import ArticleRef
from chalicelib.publishing.key_directory import KeyDirectory
from chalicelib.publishing.site_directory import SiteDirectory
from chalicelib.trust.exclusions import Exclusion, Rule
from chalicelib.trust.ports import ExclusionStore
from chalicelib.trust.states import HOUR
from chalicelib.trust.use_cases import Trust
from chalicelib.voting.ports import OperatorStore
from chalicelib.voting.tallies import MOVED, TERMS, Tally
from chalicelib.voting.voters import VOTE_PARTITIONS
from tests.support.fakes import DEMO, START, patient
from tests.support.stream import deliver

KEY = "0a1b2c3d4e5f"


@dataclass
class Editor:
    """`insights`: brought up to date by `project`, as the stream would do it. `began`: about when the votes begin."""

    store: OperatorStore
    exclusions: ExclusionStore
    insights: InsightStore
    began: int = START

    @property
    def first_hour(self) -> int:
        return self.began - self.began % HOUR

    @property
    def trust(self) -> Trust:
        sites, keys = SiteDirectory(self.store, lambda: 0.0), KeyDirectory(self.store, lambda: 0.0)
        return Trust(sites, keys, self.store, self.exclusions)

    def rule(self, ref: ArticleRef, choice: str | None = "down", hours: int = 24, **more: Any) -> Rule:
        rule = Rule(ref.article, self.first_hour, self.first_hour + (hours - 1) * HOUR, choice=choice, **more)
        return self.trust.rule_for(ref.site, rule, patient())

    def exclude(self, ref: ArticleRef, deadline: Callable[[], Deadline] = patient, **more: Any) -> Exclusion:
        return self.trust.exclude(ref.site, self.rule(ref, **more), KEY, START, deadline())

    def restore(self, one: Exclusion, deadline: Callable[[], Deadline] = patient) -> Exclusion:
        return self.trust.restore(one.site, one.rule.id, KEY, START, deadline())

    def project(self, *refs: ArticleRef) -> None:
        """As if the last record of every shard and of the terms came now."""
        for ref in refs:
            states = list(self.store.shards(ref, patient()).items())
            terms = self.store.terms([ref], patient())
            if ref in terms:
                (stored,) = self.store.articles([ref], patient())
                states.append((TERMS, Tally({}, stored.version, START, terms[ref])))
            deliver(self.store, self.insights, ref, states)

    def history(self, ref: ArticleRef, hours: int = 24) -> list[tuple[int, dict[str, int], dict[str, int]]]:
        """For each hour: the counts at its end, and what was gained in it."""
        feature = Insights(SiteDirectory(self.store, lambda: 0.0), KeyDirectory(self.store, lambda: 0.0), self.insights)
        span = Span("hour", self.first_hour, self.first_hour + hours * HOUR)
        points, _ = feature.article_history(DEMO, ref.article, span, patient())
        return [(one.start, _set(one.tally.counts), _set(one.gained.counts)) for one in points]

    def activities(self) -> list[Activity]:
        """What the site's articles did, slot by slot."""
        return self.insights.activities(DEMO, 0, FOR_EVER, patient(), windows=())

    def stored(self, *refs: ArticleRef) -> dict[str, Any]:
        """Every vote, and the counts of every shard: what an undone exclusion must leave as it was."""
        votes = {
            (ref.article, key): vote
            for ref in refs
            for partition in range(VOTE_PARTITIONS)
            for key, vote in self.store.votes_in_partition(ref, partition, patient)
        }
        shards = {
            (ref.article, number): replace(one, counts=_set(one.counts), version=0)
            for ref in refs
            for number, one in self.store.shards(ref, patient()).items()
        }
        return {"votes": votes, "shards": shards}


def _set(counts: Any) -> dict[str, int]:
    return {name: number for name, number in sorted(counts.items()) if number and not name.endswith(MOVED)}
