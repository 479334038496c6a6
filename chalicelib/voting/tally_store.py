"""Tallies in the table: the shards of an article, its terms, and the projected tally.

A busy article gets more shards, in pages (`voting.tallies`). Each container learns from the tallies that it reads how
many pages an article has, and whether it is registered.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from chalicelib.deadlines import Deadline
from chalicelib.dynamodb.attempts import Attempts
from chalicelib.dynamodb.attributes import Item, number
from chalicelib.dynamodb.table import Table
from chalicelib.publishing.articles import NO_TERMS, ArticleRef, Terms
from chalicelib.publishing.exclusions import NO_EXCLUSIONS
from chalicelib.voting import items
from chalicelib.voting.tallies import MOST_PAGES, PAGE_SHARDS, Tally, add_up, with_absorbed
from chalicelib.voting.terms import read_terms, terms_attributes

log = logging.getLogger("article-votes.voting")

PROJECTED_IS_OLDER = "attribute_not_exists(version) OR version < :version"
NOTHING_IS_STORED = "attribute_not_exists(PK)"
TERMS_ARE_AS_READ = "version = :terms"
MOST_REMEMBERED = 1000


class TallyStore(Table):
    """The tallies of `ports.VoteStore`."""

    def __init__(self, client: Any, name: str, attempts: Attempts) -> None:
        super().__init__(client, name, attempts)
        self._pages: dict[ArticleRef, int] = {}  # of articles that have more than one page of shards
        self._registered: set[ArticleRef] = set()  # articles that were registered when their tally was read
        self._terms: dict[ArticleRef, tuple[int, Terms]] = {}  # of articles that were reset or merged, with the version

    def tally(self, ref: ArticleRef, deadline: Deadline, *, consistent: bool) -> Tally:
        """The exact tally: the sum of the shards, in one Query for each page of shards.

        It has the votes that were absorbed, with as many Queries for each absorbed article.
        """
        own = self._own_tally(ref, deadline, consistent=consistent)
        absorbed = dict.fromkeys(one.article for one in own.terms.merges.absorbed)
        if not absorbed:
            return own
        states = {one: self._states(replace(ref, article=one), deadline, consistent) for one in absorbed}
        return with_absorbed(own, states)

    def _own_tally(self, ref: ArticleRef, deadline: Deadline, *, consistent: bool) -> Tally:
        shards, terms = self._shards_and_terms(ref, deadline, consistent=consistent)
        return add_up(map(items.tally_from, shards), items.tally_of_terms(terms))

    def _states(self, ref: ArticleRef, deadline: Deadline, consistent: bool) -> list[Tally]:
        """The states of an article's shards, and of its terms."""
        shards, terms = self._shards_and_terms(ref, deadline, consistent=consistent)
        return [items.tally_from(one) for one in (*shards, *(() if terms is None else (terms,)))]

    def projected_tallies(self, refs: Sequence[ArticleRef], deadline: Deadline) -> list[Tally | None]:
        """The projected tallies of at most 100 different articles, in their order. None for one without a tally."""
        found = self._batch_get([items.projected_tally_key(ref) for ref in refs], deadline, consistent=False)
        return [items.tally_from(item) if item else None for item in found]

    def put_projected_tally(self, ref: ArticleRef, tally: Tally, deadline: Deadline) -> bool:
        """Store a projected tally if it is newer than the stored one. Returns True if it was stored."""
        item = {**items.projected_tally_key(ref), **items.tally_attributes(tally)}
        return self._put_if(item, PROJECTED_IS_OLDER, {":version": number(tally.version)}, deadline)

    def _shards_and_terms(
        self, ref: ArticleRef, deadline: Deadline, *, consistent: bool
    ) -> tuple[list[Item], Item | None]:
        found = self._page_items(ref, 0, deadline, consistent)
        terms = next((item for item in found if items.is_terms(item)), None)
        pages = items.read_pages(terms)
        self._remember(ref, pages, terms)
        for page in range(1, pages):
            found += self._page_items(ref, page, deadline, consistent)
        return [item for item in found if items.is_shard(item)], terms

    def _page_items(self, ref: ArticleRef, page: int, deadline: Deadline, consistent: bool) -> list[Item]:
        values = {":article": {"S": items.page_partition(ref, page)}, ":tally": {"S": items.TALLY_PREFIX}}
        condition = "PK = :article AND begins_with(SK, :tally)"
        return list(self._query(deadline, condition, values, ConsistentRead=consistent))

    def known_terms(self, ref: ArticleRef) -> Terms:
        """The article's terms, as far as this container knows. It remembers those of which a vote must know."""
        return self._terms[ref][1] if ref in self._terms else NO_TERMS

    def terms(self, refs: Sequence[ArticleRef], deadline: Deadline) -> dict[ArticleRef, Terms]:
        """The terms of at most 100 different articles, of those that have any. Read consistently."""
        found = self._batch_get([items.terms_key(ref) for ref in refs], deadline, consistent=True)
        stored = {ref: item for ref, item in zip(refs, found, strict=True) if items.terms_version(item)}
        return {ref: self._remember_terms(ref, item) for ref, item in stored.items() if item is not None}

    def _known_version(self, ref: ArticleRef) -> int:
        return self._terms[ref][0] if ref in self._terms else 0

    def _remember_terms(self, ref: ArticleRef, item: Item | None) -> Terms:
        """The terms in this item, which is an article's terms or a shard's copy."""
        terms = NO_TERMS if item is None else read_terms(item)
        version = items.version_of_terms(item)
        if version > self._known_version(ref):
            self._terms.pop(ref, None)
            if terms.epoch or terms.merges.absorbed:
                if len(self._terms) >= MOST_REMEMBERED:
                    self._terms.clear()
                self._terms[ref] = version, terms
        return terms

    def _remember(self, ref: ArticleRef, pages: int, terms: Item | None) -> None:
        if pages > 1 or ref in self._pages:
            if len(self._pages) >= MOST_REMEMBERED:
                self._pages.clear()
            self._pages[ref] = pages
        known = self._remember_terms(ref, terms)
        if not known.registered:
            self._registered.discard(ref)
        else:
            if len(self._registered) >= MOST_REMEMBERED:
                self._registered.clear()
            self._registered.add(ref)

    def _grow(self, ref: ArticleRef, deadline: Deadline) -> None:
        """Double the article's pages of shards, if this container knows of as many as there are.

        New shards have the article's terms, as its other shards do. One transaction stores them if neither the terms
        nor the number of pages have changed. So whoever changes the terms finds every page, or this transaction fails.
        Then the article stays as it is until the next conflicts.
        """
        try:
            terms = self._get(items.terms_key(ref), deadline, consistent=True)
            pages = items.read_pages(terms)
            if pages == self._pages.get(ref, 1) and pages < MOST_PAGES:
                self._client.transact_write_items(TransactItems=self._growth(ref, terms))
                pages *= 2
            self._remember(ref, pages, terms)
        except Exception as error:  # the vote itself goes on
            log.info("no more shards for %s of %s: %s", ref.article, ref.site, type(error).__name__)

    def _growth(self, ref: ArticleRef, terms: Item | None) -> list[Item]:
        pages, version = items.read_pages(terms), items.terms_version(terms)
        values: Item = {":pages": number(2 * pages)}
        conditions = ["attribute_not_exists(pages)", "attribute_not_exists(version)"]
        state: Item = {"version": number(0)}
        if pages > 1:
            conditions[0], values[":read"] = "pages = :read", number(pages)
        if terms is not None and version:
            conditions[1], values[":terms"] = TERMS_ARE_AS_READ, number(version)
            copy = replace(read_terms(terms), exclusions=NO_EXCLUSIONS)
            state |= {**terms_attributes(copy), "terms_version": number(version)}
        update: Item = {
            "TableName": self._name,
            "Key": items.terms_key(ref),
            "UpdateExpression": "SET pages = :pages",
            "ConditionExpression": " AND ".join(conditions),
            "ExpressionAttributeValues": values,
        }
        shards = range(pages * PAGE_SHARDS, 2 * pages * PAGE_SHARDS)
        return [{"Update": update}, *(self._put_action({**items.tally_key(ref, shard), **state}) for shard in shards)]
