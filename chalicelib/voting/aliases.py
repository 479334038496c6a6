"""Making an id an alias of an article, and one of its own again (`publishing.merges`).

    add_alias     one transaction: the old id points to the article, and the article has its votes to merge
                  the old id's shards are told, so that no vote is stored under it any more
                  `merging` unites the votes of readers who voted under both ids; then the votes count
    remove_alias  one transaction: the old id points to its next life, an article without votes

A request that is sent again goes on where it stopped. So does the schedule, if nobody sends it again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from chalicelib.deadlines import Deadline
from chalicelib.errors import AliasRefused, Unavailable
from chalicelib.publishing.article_changes import StoredArticle
from chalicelib.publishing.articles import ArticleRef
from chalicelib.publishing.key_directory import KeyDirectory
from chalicelib.publishing.merges import MOST_ABSORBED, MOST_DEPTH, NEVER, NO_MERGES, Absorbed
from chalicelib.publishing.registering import current_lives
from chalicelib.voting.merging import finish_merges
from chalicelib.voting.ports import Keyring, MergeStore

Found = tuple[ArticleRef, StoredArticle]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Aliases:
    """The feature of aliases."""

    keys: KeyDirectory
    store: MergeStore
    keyring: Keyring

    def add(self, ref: ArticleRef, old: str, at: int, deadline: Deadline) -> tuple[ArticleRef, bool]:
        """Make `old` an alias (`add_alias`). Returns its article, and whether there was time to finish the merge."""
        pepper = self.keyring.pepper(deadline)  # before anything is stored
        target = add_alias(self.store, ref, old, at, deadline)
        try:
            finish_merges(self.store, target, pepper, at, lambda: deadline)
        except Unavailable:  # the alias is stored, and the schedule will go on
            return target, False
        return target, True

    def remove(self, ref: ArticleRef, old: str, at: int, deadline: Deadline) -> None:
        """Make `old` an article of its own again (`remove_alias`)."""
        remove_alias(self.store, ref, old, at, deadline)


def add_alias(store: MergeStore, ref: ArticleRef, old: str, at: int, deadline: Deadline) -> ArticleRef:
    """Make `old` an alias of the article at the end of the chain that begins with this one. Returns that article.

    Raises `AliasRefused`. What is to be merged then is on the list of merges (`merging.finish_merges`).
    """
    while True:
        (moved,) = current_lives(store, [replace(ref, article=old)], deadline)
        target = resolved(store, ref, deadline)
        if ref.public_id == old or target[0] == moved[0]:
            raise AliasRefused(f"{ref.public_id} is {old}, or an alias of it.", field="old")
        if moved[1].merges.moved_to is not None:
            other, _ = resolved(store, moved[0], deadline)
            if other != target[0]:
                raise AliasRefused(f"{old} is an alias of {other.public_id}. Remove that first.", field="old")
        elif not _put_alias(store, moved, target, at, deadline):
            continue
        store.spread_terms(moved[0], at, deadline)
        return target[0]


def remove_alias(store: MergeStore, ref: ArticleRef, old: str, at: int, deadline: Deadline) -> None:
    """Make `old` an article of its own again. It is not registered, and has no votes. Its own aliases go with it.

    An id that is no alias stays as it is. Raises `AliasRefused` for an alias of another article.
    """
    first = replace(ref, article=old)
    while True:
        ((life, moved),) = current_lives(store, [first], deadline)
        if moved.merges.moved_to is None:
            return
        target, _ = resolved(store, life, deadline)
        if target != resolved(store, ref, deadline)[0]:
            raise AliasRefused(f"{old} is an alias of {target.public_id}, not of {ref.public_id}.", field="article")
        former = {first: store.articles([first], deadline)[0], life: moved}
        (begun,) = store.articles([life.next_life], deadline)
        known = store.tally(target, deadline, consistent=True).version
        changes = [
            *(
                one.change_to(of, None, merges=one.merges.begin_again(life.next_life.article))
                for of, one in former.items()
            ),
            begun.change_to(life.next_life, None, merges=replace(NO_MERGES, changes=known)),
        ]
        if store.put_articles(changes, at, deadline):
            return


def resolved(store: MergeStore, ref: ArticleRef, deadline: Deadline) -> Found:
    """The article that takes the votes of this one, and what is stored of it. Aliases never form a circle."""
    (stored,) = store.articles([ref], deadline)
    while (moved_to := stored.merges.moved_to) is not None:
        ref = replace(ref, article=moved_to)
        (stored,) = store.articles([ref], deadline)
    return ref, stored


def _put_alias(store: MergeStore, moved: Found, target: Found, at: int, deadline: Deadline) -> bool:
    """Store both sides of the alias, if both articles are as they were read. Raises `AliasRefused`."""
    (old, theirs), (new, own) = moved, target
    absorbed = [Absorbed(own.epoch, theirs.epoch, old.article)]
    for one in theirs.merges.absorbed:
        into = own.epoch if one.into == theirs.epoch else NEVER
        absorbed.append(Absorbed(into, one.epoch, one.article))
    merges = own.merges.absorb(absorbed, theirs.merges.depth)
    if len(merges.absorbed) > MOST_ABSORBED:
        raise AliasRefused(
            f"{new.public_id} would have the votes of more than {MOST_ABSORBED} other ids.", field="article"
        )
    if merges.depth > MOST_DEPTH:
        raise AliasRefused(f"{MOST_DEPTH} aliases lead from one to the other already: no more.", field="article")
    in_force = theirs.exclusions.active  # on votes that count for this article now
    exclusions = own.exclusions.with_all(in_force) if in_force else None
    changes = [
        theirs.change_to(old, None, merges=theirs.merges.move(new.article)),
        own.change_to(new, own.article, merges=merges, exclusions=exclusions),
    ]
    return store.put_articles(changes, at, deadline)
