"""What the projection has learned about an article before it makes its activities and its projected tally."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.insights.excluded import Excluded
from chalicelib.insights.history import Day
from chalicelib.publishing.articles import Terms
from chalicelib.publishing.merges import Merges
from chalicelib.publishing.sites import Site
from chalicelib.voting.tallies import Tally


@dataclass(frozen=True, slots=True)
class Learned:
    """An article's tally and days. `since`: the first change. `before`: its terms when it was projected before.

    `excluded`: what its exclusions take out of the days.
    """

    tally: Tally
    days: list[Day]
    since: int
    before: Terms
    excluded: Excluded

    @property
    def merges(self) -> Merges:
        """How it is merged with others."""
        return self.tally.terms.merges

    @property
    def was_registered(self) -> bool:
        """True if it was registered when it was projected before."""
        return self.before.registered

    @property
    def is_other(self) -> bool:
        """True if it has other votes than before, or none any more, because of a merge or an exclusion."""
        before, after = (
            (one.merges.counted, one.merges.moved_to, one.exclusions) for one in (self.before, self.tally.terms)
        )
        return before != after

    @property
    def is_news(self) -> bool:
        """True if its activities change although its counts did not."""
        return not self.was_registered or self.is_other

    def is_ranked(self, site: Site) -> bool:
        """True if it belongs on the site's leaderboards, or must be taken off them: an alias gained nothing."""
        return site.ranks == "any" or self.tally.terms.registered or self.merges.moved_to is not None

    @property
    def has_ever_counted(self) -> bool:
        """False if the article was only registered: that made version 1 of its shards. A vote taken back made more."""
        states = (one for day in self.days for shards in (day.before, *day.slots.values()) for one in shards.values())
        return any(state.counts or state.version > 1 for state in states)
