"""Registered articles in the table, with their terms and the shards' copies of them (`voting.terms`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from chalicelib.deadlines import Deadline
from chalicelib.dynamodb.attributes import Item, number, optional_number, optional_text, text
from chalicelib.publishing.article_changes import ArticleChange, StoredArticle
from chalicelib.publishing.articles import ArticleRef
from chalicelib.publishing.items import (
    LIST_OF_MERGES,
    article_item,
    article_key,
    listed_merge_key,
    no_article_item,
    read_article,
    read_listed_merge,
)
from chalicelib.voting import items
from chalicelib.voting.store import VotingStore
from chalicelib.voting.tallies import PAGE_SHARDS
from chalicelib.voting.terms import copying, read_terms, setting
from chalicelib.voting.votes import Vote

READ_AT_ONCE = 50  # articles, each of which has two items; a BatchGetItem takes 100 keys
TERMS_ARE_AS_READ = "version = :read"
TERMS_ARE_NEW = "attribute_not_exists(version)"


class ArticleStore(VotingStore):
    """Implements `publishing.ports.ArticleStore` and `ports.MergeStore`."""

    def articles(self, refs: Sequence[ArticleRef], deadline: Deadline) -> list[StoredArticle]:
        """What is stored of different articles, in their order, read consistently."""
        found: dict[ArticleRef, StoredArticle] = {}
        while missing := [ref for ref in refs if ref not in found][:READ_AT_ONCE]:
            keys = [key for ref in missing for key in (article_key(ref), items.terms_key(ref))]
            stored = self._batch_get(keys, deadline, consistent=True)
            for ref, article, terms in zip(missing, stored[::2], stored[1::2], strict=True):
                # A BatchGetItem is no transaction. Both items change together, with one version: so read again.
                if items.terms_version(article) == items.terms_version(terms):
                    found[ref] = _stored_article(ref, article, terms)
        return [found[ref] for ref in refs]

    def put_articles(self, changes: Sequence[ArticleChange], at: int, deadline: Deadline) -> bool:
        """Store at most 50 changes together, if every article still is as it was read. True if they were stored."""
        return self._transact_if(deadline, *(action for change in changes for action in self._actions(change, at)))

    def _actions(self, change: ArticleChange, at: int) -> list[Item]:
        """Put the article, and update its terms. The terms hold the version, also of an article that was removed.

        An article with something to merge is on the list of merges.
        """
        article, version = change.after, change.version
        more = {"version": number(version), "updated_at": number(at)}
        if not change.must_spread:
            more["spread"] = number(version)
        if change.resets:
            more["resets"] = text(" ".join(change.resets))
        update = setting(change.terms, **more)
        update["ConditionExpression"] = TERMS_ARE_NEW
        if change.before.version:
            update["ConditionExpression"] = TERMS_ARE_AS_READ
            update["ExpressionAttributeValues"][":read"] = number(change.before.version)
        item = no_article_item(change.ref, version) if article is None else article_item(article)
        terms: Item = {"TableName": self._name, "Key": items.terms_key(change.ref), **update}
        actions = [self._put_action(item), {"Update": terms}]
        if change.merges.merging and not change.before.merges.merging:
            actions.append(self._put_action(listed_merge_key(change.ref)))
        elif change.before.merges.merging and not change.merges.merging:
            actions.append(self._delete_action(listed_merge_key(change.ref)))
        return actions

    def votes_in_partition(
        self, ref: ArticleRef, partition: int, deadline_for_page: Callable[[], Deadline]
    ) -> Iterator[tuple[str, Vote]]:
        """Every voter key and vote in one of the article's vote partitions, read consistently, page by page."""
        values = {":partition": {"S": items.votes_partition(ref, partition)}}
        found = self._query(deadline_for_page, "PK = :partition", values, ConsistentRead=True)
        return ((items.voter_key_of(item), items.read_vote(item)) for item in found)

    def unfinished_merges(self, deadline: Deadline) -> list[ArticleRef]:
        """The articles that have something to merge."""
        found = self._query(deadline, "PK = :merges", {":merges": {"S": LIST_OF_MERGES}})
        return [read_listed_merge(item) for item in found]

    def spread_terms(self, ref: ArticleRef, at: int, deadline: Deadline) -> None:
        """Copy the article's terms to its shards. If it fails half-way, the same call completes it.

        Each copy has the version of the terms, so it does not matter who copies in which order. The terms are stored
        first, and then the number of pages is read. A container that adds a page checks the terms
        (`VotingStore._grow`). So no page is missed.
        """
        shards, stored = self._shards_and_terms(ref, deadline, consistent=True)
        if stored is None:
            return
        terms, version = read_terms(stored), items.terms_version(stored)
        copies = {items.shard_of(shard): optional_number(shard, "terms_version") or 0 for shard in shards}
        wanted = range(PAGE_SHARDS * items.read_pages(stored)) if terms.restrict else sorted(copies)
        for shard in wanted:
            if copies.get(shard, 0) < version:
                update = copying(self._name, items.tally_key(ref, shard), terms, version, at)
                self._update_if(update, deadline)
        done: Item = {
            "TableName": self._name,
            "Key": items.terms_key(ref),
            "UpdateExpression": "SET spread = :read",
            "ConditionExpression": TERMS_ARE_AS_READ,
            "ExpressionAttributeValues": {":read": number(version)},
        }
        self._update_if(done, deadline)


def _stored_article(ref: ArticleRef, article: Item | None, terms: Item | None) -> StoredArticle:
    if terms is None:
        return StoredArticle(None, 0, True)
    version = items.terms_version(terms)
    found = read_terms(terms)
    return StoredArticle(
        article=read_article(article, ref),
        version=version,
        spread=(optional_number(terms, "spread") or 0) == version,
        epoch=found.epoch,
        resets=tuple((optional_text(terms, "resets") or "").split()),
        merges=found.merges,
        exclusions=found.exclusions,
    )
