"""Reading tallies: one exactly, many as they were projected."""

from __future__ import annotations

from collections.abc import Sequence

from chalicelib.deadlines import Deadline
from chalicelib.errors import UnknownArticle
from chalicelib.publishing.articles import ArticleRef
from chalicelib.publishing.sites import Site
from chalicelib.voting.ports import VoteStore
from chalicelib.voting.tallies import EMPTY_TALLY, Tally


def get_tally(store: VoteStore, site: Site, article: str, deadline: Deadline, *, consistent: bool = False) -> Tally:
    """The exact tally. `UnknownArticle` where the site registers its articles and this is none of them."""
    tally = store.tally(ArticleRef(site.id, article), deadline, consistent=consistent)
    if site.registers_articles and not tally.registered:
        raise UnknownArticle(f"The site {site.id} has no article {article}.", field="article")
    return tally


def get_tallies(store: VoteStore, site: Site, articles: Sequence[str], deadline: Deadline) -> list[Tally]:
    """Projected tallies in the order asked, about a second behind the exact ones."""
    different = list(dict.fromkeys(articles))
    found = store.summaries([ArticleRef(site.id, article) for article in different], deadline)
    by_article = dict(zip(different, found, strict=True))
    return [by_article[article] or EMPTY_TALLY for article in articles]
