"""Registering articles: what is stored, what is wanted, and the change from one to the other.

A request declares the article that is wanted. If that is what is stored, nothing is written, whatever the request
demanded: so it may be sent again. Otherwise the change is stored on the version that was read, or decided again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chalicelib.deadlines import Deadline
from chalicelib.errors import ArticleMoved, PreconditionFailed, Unavailable, VotingError
from chalicelib.preconditions import NO_PRECONDITION, Precondition
from chalicelib.publishing.article_changes import ArticleChange, StoredArticle
from chalicelib.publishing.articles import Article, ArticleRef
from chalicelib.publishing.ports import ArticleStore

Registered = Article | VotingError
CHANGED_TOGETHER = 50  # a transaction takes 100 items, and an article has two


def register(
    store: ArticleStore, wanted: Article, at: int, deadline: Deadline, precondition: Precondition = NO_PRECONDITION
) -> Article:
    """Make the article what is wanted. Returns it as it is stored. Raises `PreconditionFailed`."""
    stored = _change(store, wanted.ref, wanted, at, deadline, precondition)
    return replace(wanted, version=stored)


def unregister(
    store: ArticleStore, ref: ArticleRef, at: int, deadline: Deadline, precondition: Precondition = NO_PRECONDITION
) -> None:
    """Remove an article. Its votes stay. Raises `PreconditionFailed`."""
    _change(store, ref, None, at, deadline, precondition)


def _change(
    store: ArticleStore,
    ref: ArticleRef,
    wanted: Article | None,
    at: int,
    deadline: Deadline,
    precondition: Precondition,
) -> int:
    """The version of the article afterwards."""
    while True:
        ((ref, stored),) = current_lives(store, [ref], deadline)
        wanted = None if wanted is None else replace(wanted, ref=ref)
        if stored.merges.moved_to is not None and wanted is not None:
            raise moved(ref, stored.merges.moved_to)
        if stored.holds(wanted):
            if not stored.spread:
                store.spread_terms(ref, at, deadline)
            return stored.version
        version = 0 if stored.article is None else stored.version
        failing = precondition.failing_field(version)
        if failing is not None:
            raise PreconditionFailed(f"The article is at version {version} now.", field=failing, version=version)
        change = stored.change_to(ref, wanted)
        if store.put_articles([change], at, deadline):
            if change.must_spread:
                store.spread_terms(ref, at, deadline)
            return change.version


def reset(store: ArticleStore, ref: ArticleRef, key: str, at: int, deadline: Deadline) -> StoredArticle:
    """Begin a new epoch: no vote counts any more, and each reader may vote again. Old votes stay on record.

    `key`: the key of the request. The same request again changes nothing, as long as few others came after it.
    Returns what is stored then.
    """
    while True:
        ((ref, stored),) = current_lives(store, [ref], deadline)
        if stored.merges.moved_to is not None:
            raise moved(ref, stored.merges.moved_to)
        if key in stored.resets:
            if not stored.spread:
                store.spread_terms(ref, at, deadline)
            return stored
        change = stored.change_to(ref, stored.article, reset_by=key)
        if store.put_articles([change], at, deadline):
            store.spread_terms(ref, at, deadline)
            return StoredArticle(change.after, change.version, True, change.terms.epoch, change.resets, change.merges)


def register_all(store: ArticleStore, wanted: Sequence[Article], at: int, deadline: Deadline) -> list[Registered]:
    """Make different articles what is wanted, as many as there is time for.

    Returns, in their order, each article as it is stored, `ArticleMoved` for an alias, or `Unavailable` for those whose
    outcome is unknown: the same call may be made again.
    """
    done: list[Registered] = [Unavailable("There was no time left for this line.")] * len(wanted)
    try:
        lives = current_lives(store, [one.ref for one in wanted], deadline)
    except Unavailable as error:
        return [error] * len(wanted)
    wanted = [replace(one, ref=ref) for one, (ref, _) in zip(wanted, lives, strict=True)]
    changes: list[tuple[int, ArticleChange]] = []
    for index, (article, before) in enumerate(zip(wanted, (stored for _, stored in lives), strict=True)):
        if before.holds(article) and before.spread:
            done[index] = replace(article, version=before.version)
        else:
            changes.append((index, before.change_to(article.ref, article)))
    simple = [(at, change) for at, change in changes if not change.must_spread and change.merges.moved_to is None]
    for start in range(0, len(simple), CHANGED_TOGETHER):
        some = simple[start : start + CHANGED_TOGETHER]
        try:
            if store.put_articles([change for _, change in some], at, deadline):
                for index, change in some:
                    done[index] = replace(wanted[index], version=change.version)
        except Unavailable:
            break
    for index, _ in changes:  # what needs its shards written, or was changed by somebody else meanwhile
        if isinstance(done[index], Unavailable):
            try:
                done[index] = register(store, wanted[index], at, deadline)
            except VotingError as error:
                done[index] = error
                if isinstance(error, Unavailable):
                    break
    return done


def current_lives(
    store: ArticleStore, refs: Sequence[ArticleRef], deadline: Deadline
) -> list[tuple[ArticleRef, StoredArticle]]:
    """The lives that these ids have now, and what is stored of them, in their order (`merges`)."""
    found = list(zip(refs, store.articles(refs, deadline), strict=True))
    while former := [index for index, (ref, one) in enumerate(found) if one.lives_on(ref) is not None]:
        later = [found[index][1].lives_on(found[index][0]) or found[index][0] for index in former]
        for index, ref, stored in zip(former, later, store.articles(later, deadline), strict=True):
            found[index] = ref, stored
    return found


def moved(ref: ArticleRef, to: str) -> ArticleMoved:
    """The refusal of what cannot be done with an alias."""
    target = ArticleRef(ref.site, to).public_id
    return ArticleMoved(
        f"{ref.public_id} is an alias of {target}. Change that article, or remove the alias.", field="article"
    )
