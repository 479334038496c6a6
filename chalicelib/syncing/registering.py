"""Registering what a feed lists. The feed never changes what its publisher put, removed, opened, closed or hid."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from chalicelib.deadlines import Deadline
from chalicelib.publishing.article_changes import ArticleChange, StoredArticle
from chalicelib.publishing.articles import Article
from chalicelib.publishing.ports import ArticleStore
from chalicelib.publishing.registering import CHANGED_TOGETHER, current_lives

Outcome = Literal["registered", "changed", "unchanged", "kept"]


def register_listed(store: ArticleStore, listed: Sequence[Article], at: int, deadline: Deadline) -> Counter[Outcome]:
    """Register different articles, or bring them up to date. Returns how often each outcome was met.

    Raises `Unavailable`; the same call may be made again.
    """
    outcomes: Counter[Outcome] = Counter()
    start = 0
    while some := listed[start : start + CHANGED_TOGETHER]:
        lives = current_lives(store, [article.ref for article in some], deadline)
        some = [replace(article, ref=ref) for article, (ref, _) in zip(some, lives, strict=True)]
        stored = [one for _, one in lives]
        met: list[Outcome] = []
        changes: list[ArticleChange] = []
        for article, before in zip(some, stored, strict=True):
            outcome, wanted = adopt(before, article)
            met.append(outcome)
            if not before.holds(wanted):
                changes.append(before.change_to(article.ref, wanted))
        if changes and not store.put_articles(changes, at, deadline):
            continue  # somebody has changed one of them meanwhile: look again
        half_done = [article.ref for article, before in zip(some, stored, strict=True) if not before.spread]
        for ref in {*half_done, *(change.ref for change in changes if change.must_spread)}:
            store.spread_terms(ref, at, deadline)
        outcomes.update(met)
        start += len(some)
    return outcomes


def adopt(stored: StoredArticle, listed: Article) -> tuple[Outcome, Article | None]:
    """What is to be stored of an article that a feed lists, and what that is called."""
    old = stored.article
    if old is None:
        return ("kept", None) if stored.removed or stored.merges.moved_to is not None else ("registered", listed)
    if not old.from_feed:
        return "kept", old
    wanted = replace(listed, state=old.state, opens_at=old.opens_at, closes_at=old.closes_at)
    return ("unchanged" if stored.holds(wanted) else "changed"), wanted
