"""The table on request paths and on the stream: one method per access pattern (docs/access-patterns.md).

Together with `operator_table` the only caller of DynamoDB.

Writing a vote is one transaction over two items, the vote and the tally shard it counts on. Both carry the
conditions that make it exact; what a refused condition means is decided by the pure rule in `domain.votes`.

    first vote                      a second request of the same voter, at the same time
    Put vote   if VOTE_IS_NEW
    ADD shard  +up                  Put vote   if VOTE_IS_NEW     -> refused, and told what is there
                                    decide(what is there, wish)   -> keep, refuse, or
                                    Put vote   if VOTE_IS_AS_READ -> one of two wins; the other decides again
                                    ADD shard  -up +down
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from typing import Any

from chalicelib.deadlines import Deadline
from chalicelib.dynamodb.attempts import Attempts, ConditionRefused
from chalicelib.dynamodb.table import Calls
from chalicelib.errors import UnknownArticle, VotingClosed
from chalicelib.publishing.articles import Article, ArticleRef
from chalicelib.publishing.sites import Site
from chalicelib.voting import items
from chalicelib.voting.items import Item
from chalicelib.voting.tallies import Tally, add_up
from chalicelib.voting.voters import vote_partition
from chalicelib.voting.votes import Apply, Keep, Outcome, Vote, Wish, decide, never_voted

VOTE_IS_NEW = "attribute_not_exists(PK)"
VOTE_IS_AS_READ = "version = :read"
ARTICLE_TAKES_VOTES = "(attribute_not_exists(closes_at) OR closes_at > :at)"
ARTICLE_IS_REGISTERED = "attribute_exists(registered)"
SUMMARY_IS_OLDER = "attribute_not_exists(version) OR version < :version"
VOTE, SHARD = 0, 1  # the actions of a vote's transaction, in order


class Table(Calls):
    """The votes of all sites. Every method raises `Unavailable` when DynamoDB does not answer by the deadline."""

    def __init__(
        self, client: Any, name: str, attempts: Attempts, new_token: Callable[[], str] = lambda: uuid.uuid4().hex
    ) -> None:
        super().__init__(client, name, attempts)
        self._new_token = new_token

    # Votes

    def apply(self, wish: Wish, deadline: Deadline, *, registered_only: bool) -> Outcome:
        """Make the voter's vote what they wish, exactly once, together with the tally.

        Raises what `decide` raises, `VotingClosed`, and, with `registered_only`, `UnknownArticle`.
        """
        if wish.choice is None or wish.precondition.expects_a_vote():
            old = self.vote(wish.ref, wish.voter_key, deadline)
        else:
            old = never_voted(vote_partition(wish.voter_key))
        while True:
            decision = decide(old, wish)
            if isinstance(decision, Keep):
                return Outcome(decision.vote, changed=False, first=False)
            transaction = self._transaction(old, decision, wish, registered_only)
            try:
                self._answer(lambda: self._client.transact_write_items(**transaction), deadline)  # noqa: B023
            except ConditionRefused as refused:
                if refused.failed(VOTE):
                    stored = refused.item(VOTE)
                    old = items.read_vote(stored) if stored else never_voted(old.shard)
                    continue
                if registered_only and "registered" not in (refused.item(SHARD) or {}):
                    raise UnknownArticle(
                        f"The site {wish.ref.site} has no article {wish.ref.article}.", field="article"
                    ) from None
                raise VotingClosed("This article takes no more votes.") from None
            return Outcome(
                decision.vote,
                changed=bool(decision.deltas),
                first=old.cast_at is None and decision.vote.cast_at is not None,
            )

    def vote(self, ref: ArticleRef, voter_key: str, deadline: Deadline) -> Vote:
        """One voter's vote on one article, read consistently; version 0 when nothing is stored."""
        partition = vote_partition(voter_key)
        key = items.vote_key(ref, partition, voter_key)
        found = self._answer(
            lambda: self._client.get_item(TableName=self._name, Key=key, ConsistentRead=True), deadline
        )
        return items.read_vote(found["Item"]) if "Item" in found else never_voted(partition)

    def votes(self, voter_keys: Sequence[tuple[ArticleRef, str]], deadline: Deadline) -> list[Vote]:
        """The votes under up to 100 different (article, voter key) pairs, in their order, read consistently."""
        keys = [items.vote_key(ref, vote_partition(key), key) for ref, key in voter_keys]
        found = self._batch_get(keys, deadline, consistent=True)
        return [
            items.read_vote(item) if item else never_voted(vote_partition(key))
            for item, (_, key) in zip(found, voter_keys, strict=True)
        ]

    # Tallies and summaries

    def tally(self, ref: ArticleRef, deadline: Deadline, *, consistent: bool) -> Tally:
        """The exact tally: the sum of the shards, in one Query."""
        return add_up(items.read_tally(item) for item in self._shard_items(ref, deadline, consistent))

    def summaries(self, refs: Sequence[ArticleRef], deadline: Deadline) -> list[Tally | None]:
        """The projected tallies of up to 100 different articles, in their order; None where none is projected."""
        found = self._batch_get([items.summary_key(ref) for ref in refs], deadline, consistent=False)
        return [items.read_tally(item) if item else None for item in found]

    def put_summary(self, ref: ArticleRef, tally: Tally, deadline: Deadline) -> bool:
        """Store a summary if it is newer than the stored one; whether it was."""
        return self._if_holds(
            lambda: self._client.put_item(
                TableName=self._name,
                Item={**items.summary_key(ref), **items.tally_attributes(tally)},
                ConditionExpression=SUMMARY_IS_OLDER,
                ExpressionAttributeValues={":version": items.number(tally.version)},
            ),
            deadline,
        )

    def article_and_shards(self, ref: ArticleRef, deadline: Deadline) -> tuple[Article | None, dict[int, Tally]]:
        """What an operator registered of the article, or None, and its tally shards by number; read consistently."""
        article, shards = None, {}
        for item in self._every_item(
            deadline,
            KeyConditionExpression="PK = :article",
            ExpressionAttributeValues={":article": {"S": items.article_partition(ref)}},
            ConsistentRead=True,
        ):
            if items.is_article(item):
                article = items.read_article(item, ref)
            elif items.is_shard(item):
                shards[items.shard_of(item)] = items.read_tally(item)
        return article, shards

    # Sites

    def site(self, site_id: str, deadline: Deadline) -> Site | None:
        """A site, or None."""
        found = self._answer(lambda: self._client.get_item(TableName=self._name, Key=items.site_key(site_id)), deadline)
        return items.read_site(found["Item"]) if "Item" in found else None

    # What the calls are made of

    def _shard_items(self, ref: ArticleRef, deadline: Deadline, consistent: bool) -> list[Item]:
        return list(
            self._every_item(
                deadline,
                KeyConditionExpression="PK = :article AND begins_with(SK, :tally)",
                ExpressionAttributeValues={
                    ":article": {"S": items.article_partition(ref)},
                    ":tally": {"S": items.TALLY_PREFIX},
                },
                ConsistentRead=consistent,
            )
        )

    def _transaction(self, old: Vote, decision: Apply, wish: Wish, registered_only: bool) -> Item:
        """Put the vote if it is still the old one, and count it if the article takes votes.

        The token makes repeats of this very transaction, from here, harmless for ten minutes. It is not derived from
        the wish: the same wish delivered again must be decided on the vote as it is by then, not be told the success
        that its first delivery had.
        """
        put: Item = {
            "TableName": self._name,
            "Item": {
                **items.vote_key(wish.ref, vote_partition(wish.voter_key), wish.voter_key),
                **items.vote_attributes(decision.vote),
            },
            "ConditionExpression": VOTE_IS_NEW,
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        if old.version:
            put["ConditionExpression"] = VOTE_IS_AS_READ
            put["ExpressionAttributeValues"] = {":read": items.number(old.version)}
        condition = ARTICLE_TAKES_VOTES
        if registered_only:
            condition = f"{ARTICLE_IS_REGISTERED} AND {condition}"
        at = items.number(wish.at)
        shard: Item = {
            "TableName": self._name,
            "Key": items.tally_key(wish.ref, decision.vote.shard),
            "ConditionExpression": condition,
            "ExpressionAttributeValues": {":at": at},
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        if not decision.deltas:
            return self._with_token({"Put": put}, {"ConditionCheck": shard})
        adds = []
        names = {}
        for index, (choice, delta) in enumerate(decision.deltas):
            names[f"#{index}"] = items.count_attribute(choice)
            shard["ExpressionAttributeValues"][f":{index}"] = items.number(delta)
            adds.append(f"#{index} :{index}")
        shard["ExpressionAttributeNames"] = names
        shard["ExpressionAttributeValues"][":one"] = items.number(1)
        shard["UpdateExpression"] = f"SET updated_at = :at ADD {', '.join(adds)}, version :one"
        return self._with_token({"Put": put}, {"Update": shard})

    def _with_token(self, *actions: Item) -> Item:
        return {"TransactItems": list(actions), "ClientRequestToken": self._new_token()}
