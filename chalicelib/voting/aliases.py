"""Making an id an alias of an article, and one of its own again (`publishing.merges`).

    add_alias     one transaction: the old id points to the article, and the article has its votes to merge
                  the shards of both are told: the old id's first, so that no vote is stored under it any more
                  `merging` unites the votes of readers who voted under both ids; then the votes count
    remove_alias  the old id is an article of its own, in a new epoch: what was merged stays with the article

A request that is sent again goes on where it stopped. So does the schedule, if nobody sends it again.
"""

from __future__ import annotations

from dataclasses import replace

from chalicelib.deadlines import Deadline
from chalicelib.errors import AliasRefused
from chalicelib.publishing.article_changes import StoredArticle
from chalicelib.publishing.articles import ArticleRef
from chalicelib.publishing.merges import MOST_ABSORBED, NEVER, Absorbed
from chalicelib.voting.ports import MergeStore


def add_alias(store: MergeStore, ref: ArticleRef, old: str, at: int, deadline: Deadline) -> ArticleRef:
    """Make `old` an alias of the article, or of the one whose alias that is. Returns that one, which has the votes.

    Raises `AliasRefused`. What is to be merged then is on the list of merges (`merging.finish_merges`).
    """
    other = replace(ref, article=old)
    while True:
        target, stored = _resolved(store, ref, deadline)
        if other in (ref, target):
            raise AliasRefused(f"{ref.article} is {old}, or an alias of it.", field="old")
        (moved,) = store.articles([other], deadline)
        if moved.merges.moved_to is not None:
            if _resolved(store, other, deadline)[0] != target:
                raise AliasRefused(
                    f"{old} is an alias of {moved.merges.moved_to}. Remove that alias first.", field="old"
                )
        elif not _put_alias(store, target, stored, other, moved, at, deadline):
            continue
        store.spread_terms(other, at, deadline)
        return target


def remove_alias(store: MergeStore, ref: ArticleRef, old: str, at: int, deadline: Deadline) -> None:
    """Make `old` an article of its own, if it is an alias of this article. It is not registered, and has no votes."""
    other = replace(ref, article=old)
    while True:
        (moved,) = store.articles([other], deadline)
        if moved.merges.moved_to is None:
            if not moved.spread:
                store.spread_terms(other, at, deadline)
            return
        target, _ = _resolved(store, other, deadline)
        if target != _resolved(store, ref, deadline)[0]:
            return
        known = store.tally(target, deadline, consistent=True).version
        change = moved.change_to(other, None, reset_by="", merges=moved.merges.leave(moved.epoch + 1, known))
        if store.put_articles([change], at, deadline):
            store.spread_terms(other, at, deadline)
            return


def _resolved(store: MergeStore, ref: ArticleRef, deadline: Deadline) -> tuple[ArticleRef, StoredArticle]:
    """The article that takes the votes of this one, and what is stored of it. Aliases never form a circle."""
    (stored,) = store.articles([ref], deadline)
    while (moved_to := stored.merges.moved_to) is not None:
        ref = replace(ref, article=moved_to)
        (stored,) = store.articles([ref], deadline)
    return ref, stored


def _put_alias(
    store: MergeStore,
    target: ArticleRef,
    stored: StoredArticle,
    other: ArticleRef,
    moved: StoredArticle,
    at: int,
    deadline: Deadline,
) -> bool:
    """Store both sides of the alias, if both articles are as they were read."""
    theirs = [Absorbed(stored.epoch, moved.epoch, other.article)]
    for one in moved.merges.absorbed:
        into = stored.epoch if one.into == moved.epoch else NEVER
        theirs.append(Absorbed(into, one.epoch, one.article))
    merges = stored.merges.absorb(theirs)
    if len({one.article for one in merges.absorbed}) > MOST_ABSORBED:
        raise AliasRefused(f"{target.article} has the votes of {MOST_ABSORBED} other ids: no more.", field="article")
    changes = [
        moved.change_to(other, None, merges=moved.merges.move(target.article)),
        stored.change_to(target, stored.article, merges=merges),
    ]
    return store.put_articles(changes, at, deadline)
