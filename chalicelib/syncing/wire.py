"""How the reading of a feed goes, as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.http.wire import Count, Timestamp, Wire, optional_timestamp
from chalicelib.publishing.wire import ArticleId, SiteId

if TYPE_CHECKING:  # a cold start of the API does not need it
    from chalicelib.syncing.feed_states import FeedState


class FeedMatchBody(Wire):
    """An entry of the feed, and the article that it is about."""

    entry: str
    article: ArticleId


class SkippedEntryBody(Wire):
    """An entry of the feed that was not used, and why."""

    entry: str
    reason: str


class FeedStateBody(Wire):
    """How the reading of a site's feed goes. It begins anew with each change of the site.

    `tried_at`, `read_at`: the last attempt, and the last that worked. `error`: what was wrong with the last attempt;
    null if nothing was. `due_at`: the feed is read at the first run after it; null: at the next run.
    Runs are every five minutes.
    The numbers are of the feed's last change. `listed`: its entries. Each is one of `registered` (a new article),
    `changed`, `unchanged`, `kept` (its publisher put or removed the article, or its id is an alias: the feed leaves it
    alone) or `skipped`.
    `matches` and `reasons` have the first ten.
    """

    site: SiteId
    tried_at: Timestamp | None
    read_at: Timestamp | None
    due_at: Timestamp | None
    failures: Count
    error: str | None
    listed: Count
    registered: Count
    changed: Count
    unchanged: Count
    kept: Count
    skipped: Count
    matches: list[FeedMatchBody]
    reasons: list[SkippedEntryBody]

    @classmethod
    def of(cls, state: FeedState) -> FeedStateBody:
        report = state.report
        return cls.model_construct(
            site=state.site,
            tried_at=optional_timestamp(state.tried_at),
            read_at=optional_timestamp(report.read_at),
            due_at=optional_timestamp(state.due_at or None),
            failures=state.failures,
            error=state.error,
            listed=report.listed,
            registered=report.registered,
            changed=report.changed,
            unchanged=report.unchanged,
            kept=report.kept,
            skipped=report.skipped,
            matches=[FeedMatchBody.model_construct(entry=one.entry, article=one.article) for one in report.matches],
            reasons=[SkippedEntryBody.model_construct(entry=one.entry, reason=one.reason) for one in report.reasons],
        )
