"""Votes and tallies in the table: one method for each access pattern of requests and of the stream.

A vote is written in one transaction over two items: the vote, and the tally shard that counts it. Both writes carry
the conditions that make the count exact. This module does not decide: `use_cases.apply` does.

    first vote                      a second request of the same voter, at the same time
    Put vote   if VOTE_IS_NEW
    ADD shard  +up                  Put vote   if VOTE_IS_NEW     -> Conflict, with the stored vote
                                    (the use case decides again, on the stored vote)
                                    Put vote   if VOTE_IS_AS_READ -> one of the two wins, the other gets a Conflict
                                    ADD shard  -up +down
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from chalicelib.deadlines import Deadline
from chalicelib.dynamodb.attempts import Attempts, ConditionRefused
from chalicelib.dynamodb.attributes import SK, Item, number, text
from chalicelib.dynamodb.table import Table
from chalicelib.publishing.articles import ArticleRef
from chalicelib.publishing.items import article_key
from chalicelib.voting import items
from chalicelib.voting.tallies import MOST_PAGES, PAGE_SHARDS, Tally, add_up
from chalicelib.voting.voters import shard_for, vote_partition
from chalicelib.voting.votes import Apply, CommitResult, Committed, Conflict, Refused, Vote, never_voted

log = logging.getLogger("article-votes.voting")

VOTE_IS_NEW = "attribute_not_exists(PK)"
VOTE_IS_AS_READ = "version = :read"
ARTICLE_TAKES_VOTES = "(attribute_not_exists(closes_at) OR closes_at > :at)"
ARTICLE_IS_REGISTERED = "attribute_exists(registered)"
PROJECTED_IS_OLDER = "attribute_not_exists(version) OR version < :version"
NOTHING_IS_STORED = "attribute_not_exists(PK)"
CONFLICTS_OF_A_BUSY_ARTICLE = 2  # of one vote: on a quiet article, a vote hardly ever meets two
MOST_REMEMBERED = 1000
VOTE, SHARD = 0, 1  # the actions of a vote's transaction, in order


class VotingStore(Table):
    """Implements `ports.VoteStore`."""

    def __init__(self, client: Any, name: str, attempts: Attempts) -> None:
        super().__init__(client, name, attempts)
        self._pages: dict[ArticleRef, int] = {}  # of articles that have more than one page of shards

    def commit(
        self, ref: ArticleRef, voter_key: str, change: Apply, deadline: Deadline, *, registered_only: bool
    ) -> CommitResult:
        """Store a decided change of a vote, together with the tally, or say why that was not possible."""
        if not change.replaces:  # a new vote: from now on it counts on this shard
            shard = shard_for(voter_key, self._pages.get(ref, 1))
            change = replace(change, vote=replace(change.vote, shard=shard))
        actions = self._vote_action(ref, voter_key, change), self._shard_action(ref, change, registered_only)
        conflicts = 0

        def met_conflict(on: set[int]) -> None:
            nonlocal conflicts
            conflicts += SHARD in on
            if SHARD in on and conflicts == CONFLICTS_OF_A_BUSY_ARTICLE:
                self._grow(ref, deadline)

        try:
            self._transact(deadline, *actions, met_conflict=met_conflict)
        except ConditionRefused as refused:
            if refused.failed(VOTE):
                stored = refused.item(VOTE)
                return Conflict(items.read_vote(stored) if stored else never_voted(change.vote.shard))
            if registered_only and "registered" not in (refused.item(SHARD) or {}):
                return Refused("unknown_article")
            return Refused("voting_closed")
        return Committed()

    def vote(self, ref: ArticleRef, voter_key: str, deadline: Deadline) -> Vote:
        """One voter's vote on one article, read consistently. Version 0 if nothing is stored."""
        partition = vote_partition(voter_key)
        item = self._get(items.vote_key(ref, partition, voter_key), deadline, consistent=True)
        return never_voted(partition) if item is None else items.read_vote(item)

    def votes(self, voter_keys: Sequence[tuple[ArticleRef, str]], deadline: Deadline) -> list[Vote]:
        """The votes under at most 100 different (article, voter key) pairs, in their order, read consistently."""
        keys = [items.vote_key(ref, vote_partition(key), key) for ref, key in voter_keys]
        found = self._batch_get(keys, deadline, consistent=True)
        return [
            items.read_vote(item) if item else never_voted(vote_partition(key))
            for item, (_, key) in zip(found, voter_keys, strict=True)
        ]

    def tally(self, ref: ArticleRef, deadline: Deadline, *, consistent: bool) -> Tally:
        """The exact tally: the sum of the shards, in one Query for each page of shards."""
        return add_up(items.tally_from(item) for item in self._shard_items(ref, deadline, consistent))

    def projected_tallies(self, refs: Sequence[ArticleRef], deadline: Deadline) -> list[Tally | None]:
        """The projected tallies of at most 100 different articles, in their order. None for one without a tally."""
        found = self._batch_get([items.projected_tally_key(ref) for ref in refs], deadline, consistent=False)
        return [items.tally_from(item) if item else None for item in found]

    def put_projected_tally(self, ref: ArticleRef, tally: Tally, deadline: Deadline) -> bool:
        """Store a projected tally if it is newer than the stored one. Returns True if it was stored."""
        item = {**items.projected_tally_key(ref), **items.tally_attributes(tally)}
        return self._put_if(item, PROJECTED_IS_OLDER, {":version": number(tally.version)}, deadline)

    def agreed_pepper(self, fingerprint: str, deadline: Deadline) -> str:
        """The fingerprint of the pepper that made this table's voter keys. The first one to ask stores its own."""
        item = {**items.PEPPER, "fingerprint": text(fingerprint)}
        while (stored := self._get(items.PEPPER, deadline, consistent=True)) is None:
            self._put_if(item, NOTHING_IS_STORED, {}, deadline)
        return str(stored["fingerprint"]["S"])

    def _shard_items(self, ref: ArticleRef, deadline: Deadline, consistent: bool) -> list[Item]:
        found = self._page_items(ref, 0, deadline, consistent)
        pages = next((items.read_pages(item) for item in found if items.is_pages(item)), 1)
        self._remember_pages(ref, pages)
        for page in range(1, pages):
            found += self._page_items(ref, page, deadline, consistent)
        return [item for item in found if items.is_shard(item)]

    def _page_items(self, ref: ArticleRef, page: int, deadline: Deadline, consistent: bool) -> list[Item]:
        values = {":article": {"S": items.page_partition(ref, page)}, ":tally": {"S": items.TALLY_PREFIX}}
        condition = "PK = :article AND begins_with(SK, :tally)"
        return list(self._query(deadline, condition, values, ConsistentRead=consistent))

    def _remember_pages(self, ref: ArticleRef, pages: int) -> None:
        if pages > 1 or ref in self._pages:
            if len(self._pages) >= MOST_REMEMBERED:
                self._pages.clear()
            self._pages[ref] = pages

    def _grow(self, ref: ArticleRef, deadline: Deadline) -> None:
        """Double the article's pages of shards, if this container knows of as many as there are.

        New shards say whether the article is registered and when it closes, as its other shards do. One transaction
        stores them if neither the article nor the number of pages has changed. So `put_article` finds every page, or
        this transaction fails. Then the article stays as it is until the next conflicts.
        """
        try:
            found = {item[SK]["S"]: item for item in self._beside_article(ref, deadline)}
            pages = items.read_pages(found[items.PAGES]) if items.PAGES in found else 1
            if pages == self._pages.get(ref, 1) and pages < MOST_PAGES:
                self._client.transact_write_items(TransactItems=self._growth(ref, found, pages))
                pages *= 2
            self._remember_pages(ref, pages)
        except Exception as error:  # the vote itself goes on
            log.info("no more shards for %s of %s: %s", ref.article, ref.site, type(error).__name__)

    def _beside_article(self, ref: ArticleRef, deadline: Deadline) -> Iterator[Item]:
        """The registered article, if it is one, and its pages."""
        keys = [article_key(ref), items.pages_key(ref)]
        return (item for item in self._batch_get(keys, deadline, consistent=True) if item is not None)

    def _growth(self, ref: ArticleRef, found: dict[str, Item], pages: int) -> list[Item]:
        article = found.get(article_key(ref)[SK]["S"])
        number_of_pages = {**items.pages_key(ref), "pages": number(pages * 2)}
        put: Item = {"TableName": self._name, "Item": number_of_pages, "ConditionExpression": NOTHING_IS_STORED}
        if pages > 1:
            put |= {"ConditionExpression": "pages = :read", "ExpressionAttributeValues": {":read": number(pages)}}
        check: Item = {"TableName": self._name, "Key": article_key(ref), "ConditionExpression": NOTHING_IS_STORED}
        state: Item = {"version": number(0)}
        if article is not None:
            state["registered"] = {"BOOL": True}
            check["ConditionExpression"] = "attribute_exists(PK) AND attribute_not_exists(closes_at)"
            if "closes_at" in article:
                state["closes_at"] = article["closes_at"]
                check["ConditionExpression"] = "closes_at = :read"
                check["ExpressionAttributeValues"] = {":read": article["closes_at"]}
        shards = range(pages * PAGE_SHARDS, 2 * pages * PAGE_SHARDS)
        return [
            {"Put": put},
            {"ConditionCheck": check},
            *(self._put_action({**items.tally_key(ref, shard), **state}) for shard in shards),
        ]

    def _vote_action(self, ref: ArticleRef, voter_key: str, change: Apply) -> Item:
        """Put the vote if the stored vote is still the one that was decided on."""
        item = {
            **items.vote_key(ref, vote_partition(voter_key), voter_key),
            **items.vote_attributes(change.vote, change.at),
        }
        put: Item = {
            "TableName": self._name,
            "Item": item,
            "ConditionExpression": VOTE_IS_NEW,
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        if change.replaces:
            put["ConditionExpression"] = VOTE_IS_AS_READ
            put["ExpressionAttributeValues"] = {":read": number(change.replaces)}
        return {"Put": put}

    def _shard_action(self, ref: ArticleRef, change: Apply, registered_only: bool) -> Item:
        """Count the change on its shard if the article takes votes. A fence changes no count, so it only checks."""
        condition = ARTICLE_TAKES_VOTES
        if registered_only:
            condition = f"{ARTICLE_IS_REGISTERED} AND {condition}"
        values = {":at": number(change.at)}
        shard: Item = {
            "TableName": self._name,
            "Key": items.tally_key(ref, change.vote.shard),
            "ConditionExpression": condition,
            "ExpressionAttributeValues": values,
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        if not change.deltas:
            return {"ConditionCheck": shard}
        adds = []
        names = {}
        for index, (choice, delta) in enumerate(change.deltas):
            names[f"#{index}"] = items.count_attribute(choice)
            values[f":{index}"] = number(delta)
            adds.append(f"#{index} :{index}")
        values[":one"] = number(1)
        shard["ExpressionAttributeNames"] = names
        shard["UpdateExpression"] = f"SET updated_at = :at ADD {', '.join(adds)}, version :one"
        return {"Update": shard}
