"""Activities of articles, made from votes that nobody cast."""

from __future__ import annotations

from chalicelib.insights.history import Day
from chalicelib.insights.intervals import HOUR, UTC
from chalicelib.insights.leaderboards import Activity, activities
from chalicelib.publishing.articles import ArticleRef
from chalicelib.voting.tallies import Tally


def activity(ref: ArticleRef, at: int, counts: dict[str, int], version: int = 1) -> Activity:
    """What an article gained that had no votes before the hour of `at`."""
    state = Tally(counts, version, at)
    (made,) = activities(ref, [Day(UTC.start_of("day", at), {}, {at - at % HOUR: {0: state}})], at, UTC)
    return made
