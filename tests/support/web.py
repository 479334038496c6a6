"""Feeds without a network: what each address lists, and how the reading of the demo site's feed went."""

from __future__ import annotations

from collections.abc import Callable

from chalicelib.publishing.articles import ArticleRef
from chalicelib.publishing.site_feeds import SiteFeed
from chalicelib.syncing.feed_states import FeedState
from chalicelib.syncing.fetched import Fetched, Validators
from chalicelib.syncing.listed_articles import ListedArticle
from tests.support.fakes import START, MemoryStore, patient

FEED = SiteFeed("https://news.example/feed")
REF = ArticleRef("demo", "ferry")
FERRY = ListedArticle(
    "1", "https://news.example/ferry", "The ferry", "Ann", "Harbour", "https://news.example/f.jpg", START
)
SEALS = ListedArticle("2", "https://news.example/seals", "The seals")


class Web:
    """What the feeds list, by address. An exception is raised. `known`: the validators that were sent."""

    def __init__(self) -> None:
        self.lists: dict[str, list[ListedArticle] | Exception] = {FEED.url: [FERRY, SEALS]}
        self.version = 1
        self.known: list[Validators] = []
        self.meanwhile: Callable[[], None] = lambda: None

    def fetch(self, url: str, known: Validators) -> Fetched | None:
        self.known.append(known)
        self.meanwhile()
        if isinstance(found := self.lists[url], Exception):
            raise found
        validators = Validators(f'"{self.version}"')
        return None if known == validators else Fetched(repr(found).encode(), "", url, validators)

    def parse(self, fetched: Fetched) -> list[ListedArticle]:
        found = self.lists[fetched.url]
        assert not isinstance(found, Exception)
        return found


def state_of(store: MemoryStore) -> FeedState:
    state = store.feed("demo", patient())
    assert state is not None
    return state
