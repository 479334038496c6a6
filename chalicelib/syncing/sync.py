"""Reading one feed: fetch it, see which articles it lists, register them, and store how it went.

What needs the network alone may run in threads. What a publisher can make slow, a feed of odd markup or a pattern, runs
in the main thread under an alarm.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import sha256

from chalicelib.deadlines import Deadline
from chalicelib.errors import InvalidValue
from chalicelib.http.time_limits import TimeIsUp, answer_within
from chalicelib.publishing.articles import Article
from chalicelib.publishing.ports import ArticleStore, SiteStore
from chalicelib.publishing.site_feeds import SiteFeed
from chalicelib.syncing.feed_states import MOST_SHOWN, FeedReport, FeedState, Match, Skipped
from chalicelib.syncing.fetched import NO_VALIDATORS, FeedFailed, Fetched
from chalicelib.syncing.listed_articles import ListedArticle, article_of
from chalicelib.syncing.ports import FeedFetcher, FeedStore
from chalicelib.syncing.registering import register_listed

log = logging.getLogger("article-votes.syncing")

MOST_ENTRIES = 1000  # as in a sitemap for news
PARSE_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Fetch:
    """What fetching a site's feed came to: the feed, None if it is the version that is known, or the failure.

    `state`: how it went before.
    """

    feed: SiteFeed
    state: FeedState
    fetched: Fetched | FeedFailed | None


@dataclass(frozen=True, slots=True)
class Sync:
    """Reads feeds, and registers what they list.

    `parse` returns the articles that a text lists, and raises `FeedFailed` if the text is no feed.
    """

    sites: SiteStore
    articles: ArticleStore
    feeds: FeedStore
    fetcher: FeedFetcher
    parse: Callable[[Fetched], list[ListedArticle]]

    def due(self, at: int, deadline: Deadline) -> list[FeedState]:
        """The feeds that are to be read now; those that have waited longest come first."""
        due = [state for state in self.feeds.feeds(deadline) if state.due_at <= at]
        return sorted(due, key=lambda state: state.due_at)

    def fetch(self, state: FeedState, at: int, deadline: Deadline) -> Fetch | None:
        """Store that a reading begins, and fetch the feed. None if the site has changed since. May run in a thread."""
        site = self.sites.site(state.site, deadline, consistent=True)
        if site is None or site.feed is None or site.version != state.site_version:
            return None
        if not self.feeds.put_feed(state.begun(at), deadline):
            return None
        try:
            return Fetch(site.feed, state, self.fetcher.fetch(site.feed.url, state.validators))
        except FeedFailed as failure:
            return Fetch(site.feed, state, failure)

    def register(self, fetch: Fetch, at: int, deadline: Deadline) -> FeedState:
        """Register what was fetched, and store how it went. Raises `Unavailable`; then it is read again later."""
        after = self._after(fetch, at, deadline)
        self.feeds.put_feed(after, deadline)
        return after

    def _after(self, fetch: Fetch, at: int, deadline: Deadline) -> FeedState:
        state, fetched = fetch.state, fetch.fetched
        if isinstance(fetched, FeedFailed):
            return state.failed(str(fetched), at, fetched.wait)
        validators = state.validators if fetched is None else fetched.validators
        digest = state.digest if fetched is None else sha256(fetched.body).hexdigest()
        if fetched is None or digest == state.digest:
            return state.succeeded(at, validators, digest, replace(state.report, read_at=at))
        try:
            with answer_within(PARSE_SECONDS):
                report, listed = self._listed(state.site, fetch.feed, fetched)
        except FeedFailed as failure:
            return state.failed(str(failure), at)
        except TimeIsUp:
            return state.failed(f"To understand it took longer than {PARSE_SECONDS:.0f} s. Is it small enough?", at)
        except Exception:  # whatever a parser stumbles over, it is this feed alone that is not read
            log.exception("the feed of %s was not understood", state.site)
            return state.failed("It was not understood. A validator for feeds may say what is odd about it.", at)
        outcomes = register_listed(self.articles, listed, at, deadline)
        counted = replace(
            report,
            read_at=at,
            registered=outcomes["registered"],
            changed=outcomes["changed"],
            unchanged=outcomes["unchanged"],
            kept=outcomes["kept"],
        )
        return state.succeeded(at, validators, digest, counted)

    def _listed(self, site: str, feed: SiteFeed, fetched: Fetched) -> tuple[FeedReport, list[Article]]:
        """The articles that a feed lists, each once, and what the report says of its entries."""
        entries = self.parse(fetched)
        found: dict[str, Article] = {}
        matches: list[Match] = []
        skipped: list[Skipped] = []
        for number, entry in enumerate(entries):
            try:
                if number >= MOST_ENTRIES:
                    raise InvalidValue(f"only the first {MOST_ENTRIES} entries of a feed are read")
                article = article_of(entry, feed, site)
                if article.ref.article in found:
                    raise InvalidValue(f"an entry above it has the same article id, {article.ref.article}")
            except InvalidValue as error:
                skipped.append(Skipped(entry.name, error.detail))
            else:
                found[article.ref.article] = article
                matches.append(Match(entry.name, article.ref.article))
        report = FeedReport(
            listed=len(entries),
            skipped=len(skipped),
            matches=tuple(matches[:MOST_SHOWN]),
            reasons=tuple(skipped[:MOST_SHOWN]),
        )
        return report, list(found.values())


def from_scratch(state: FeedState) -> FeedState:
    """The state of a feed that is to be read whole, whatever is known of it."""
    return replace(state, validators=NO_VALIDATORS, digest=None)
