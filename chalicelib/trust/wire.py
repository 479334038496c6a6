"""Suspicions as JSON."""

from __future__ import annotations

import base64
from collections import Counter
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from chalicelib.admission.networks import IPV4_PREFIXES, IPV6_PREFIXES
from chalicelib.admission.provenance import TokenAge
from chalicelib.http.wire import Count, Timestamp, Wire, timestamp
from chalicelib.publishing.sites import Site
from chalicelib.publishing.wire import ArticleId, SiteId

if TYPE_CHECKING:
    from chalicelib.trust.suspicions import Suspicion
    from chalicelib.trust.use_cases import Report

MOST_GROUPS = 200
NetworkKind = Literal["IPv4 /32", "IPv4 /24", "IPv6 /64", "IPv6 /56", "IPv6 /48", "unknown"]
_KINDS: dict[int, list[str]] = {
    1: ["unknown"],
    len(IPV4_PREFIXES): [f"IPv4 /{length}" for length, _ in IPV4_PREFIXES],
    len(IPV6_PREFIXES): [f"IPv6 /{length}" for length, _ in IPV6_PREFIXES],
}


def written_mark(mark: bytes) -> str:
    """A network's mark as text: what a suspicion shows, and a rule names."""
    return base64.urlsafe_b64encode(mark).decode()


class SuspicionBody(Wire):
    """A group of votes from one network that stands out.

    `network`: which kind of network. `mark`: what this network is called on this article and day. `choices` and
    `token_ages`: how many of the group's votes have each. `first_hour` and `last_hour`: the hours of the first and the
    last of them. `chance`: of so surprising a group among readers of this article.
    """

    network: NetworkKind
    mark: str
    votes: Count
    choices: dict[str, Count]
    token_ages: dict[TokenAge, Count]
    first_hour: Timestamp
    last_hour: Timestamp
    chance: Annotated[float, Field(ge=0, le=1)]

    @classmethod
    def of(cls, found: Suspicion) -> SuspicionBody:
        hours = [vote.hour for vote in found.votes]
        return cls.model_construct(
            network=_KINDS[len(found.votes[0].marks)][found.level],
            mark=written_mark(found.mark),
            votes=len(found.votes),
            choices=dict(Counter(vote.choice for vote in found.votes)),
            token_ages=dict(Counter(vote.token_age for vote in found.votes)),
            first_hour=timestamp(min(hours)),
            last_hour=timestamp(max(hours)),
            chance=found.chance,
        )


class SuspicionsBody(Wire):
    """The groups of an article's votes that stand out against the readers who came alone.

    `counts`: of the votes that were read. `counts_without`: of those in no group. `complete`: all votes were read;
    otherwise a sample, in which small groups do not show. `alone`: how many readers came alone; with fewer than 30
    nothing can stand out. `groups`: the largest first, at most 200; `more_groups`: how many more there are.
    """

    site: SiteId
    article: ArticleId
    complete: bool
    counts: dict[str, Count]
    counts_without: dict[str, Count]
    alone: Count
    groups: list[SuspicionBody]
    more_groups: Count

    @classmethod
    def of(cls, site: Site, report: Report) -> SuspicionsBody:
        counted = site.ballot.counted
        return cls.model_construct(
            site=site.id,
            article=report.article,
            complete=report.complete,
            counts={choice: report.counts.get(choice, 0) for choice in counted},
            counts_without={choice: report.without.get(choice, 0) for choice in counted},
            alone=report.alone,
            groups=[SuspicionBody.of(one) for one in report.suspicions[:MOST_GROUPS]],
            more_groups=max(0, len(report.suspicions) - MOST_GROUPS),
        )
