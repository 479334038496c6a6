"""Votes in the table: one method for each access pattern of requests.

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

from collections.abc import Sequence
from dataclasses import replace

from chalicelib.deadlines import Deadline
from chalicelib.dynamodb.attempts import ConditionRefused
from chalicelib.dynamodb.attributes import Item, number, text
from chalicelib.publishing.articles import NO_TERMS, ArticleRef, Terms
from chalicelib.voting import items
from chalicelib.voting.tallies import count_name
from chalicelib.voting.tally_store import NOTHING_IS_STORED, TERMS_ARE_AS_READ, TallyStore
from chalicelib.voting.terms import copying
from chalicelib.voting.voters import shard_for, vote_partition
from chalicelib.voting.votes import (
    Apply,
    CommitResult,
    Committed,
    Conflict,
    OtherEpoch,
    Reason,
    Refused,
    Vote,
    never_voted,
)

VOTE_IS_NEW = "attribute_not_exists(PK)"
VOTE_IS_AS_READ = "version = :read"
# `Terms.state` is the same rule.
ARTICLE_TAKES_VOTES = (
    "(attribute_not_exists(closes_at) OR closes_at > :at) AND (attribute_not_exists(opens_at) OR opens_at <= :at) "
    "AND attribute_not_exists(is_hidden)"
)
ARTICLE_IS_REGISTERED = "attribute_exists(registered)"
IS_THE_FIRST_EPOCH, IS_THE_EPOCH = "attribute_not_exists(epoch)", "epoch = :epoch"
CONFLICTS_OF_A_BUSY_ARTICLE = 2  # of one vote: on a quiet article, a vote hardly ever meets two
VOTE, SHARD = 0, 1  # the actions of a vote's transaction, in order


class VotingStore(TallyStore):
    """Implements `ports.VoteStore`."""

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

        while True:
            try:
                self._transact(deadline, *actions, met_conflict=met_conflict)
            except ConditionRefused as refused:
                if refused.failed(VOTE):
                    stored = refused.item(VOTE)
                    return Conflict(items.read_vote(stored) if stored else never_voted(change.vote.shard))
                copy = items.read_terms(refused.item(SHARD) or {})
                is_behind = (registered_only and not copy.registered) or copy.epoch < change.vote.epoch
                if is_behind and self._adopt_terms(ref, change, deadline, registered_only):
                    continue
                if copy.epoch > change.vote.epoch:
                    self._remember_epoch(ref, copy.epoch)
                    return OtherEpoch(copy.epoch)
                return Refused(_reason(copy, change.at, registered_only))
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

    def agreed_pepper(self, fingerprint: str, deadline: Deadline) -> str:
        """The fingerprint of the pepper that made this table's voter keys. The first one to ask stores its own."""
        item = {**items.PEPPER, "fingerprint": text(fingerprint)}
        while (stored := self._get(items.PEPPER, deadline, consistent=True)) is None:
            self._put_if(item, NOTHING_IS_STORED, {}, deadline)
        return str(stored["fingerprint"]["S"])

    def _adopt_terms(self, ref: ArticleRef, change: Apply, deadline: Deadline, registered_only: bool) -> bool:
        """Copy the article's terms to a shard that does not have them yet. False if they would not help this vote.

        To register an article does not write its shards, unless its terms refuse votes. So the first vote on a shard
        does it, where only registered articles take votes. A reset does write them, but it may have stopped half-way.
        The article's terms may not change meanwhile.
        """
        terms = self._get(items.terms_key(ref), deadline, consistent=True)
        found = NO_TERMS if terms is None else items.read_terms(terms)
        helpful = found.registered or (found.epoch > 0 and not registered_only)
        if terms is None or not helpful:
            return False
        key = items.tally_key(ref, change.vote.shard)
        values: Item = {":terms": number(items.terms_version(terms))}
        check: Item = {"TableName": self._name, "Key": items.terms_key(ref), "ConditionExpression": TERMS_ARE_AS_READ}
        self._transact_if(
            deadline,
            {"ConditionCheck": check | {"ExpressionAttributeValues": values}},
            {"Update": copying(self._name, key, found, items.terms_version(terms), change.at)},
        )
        return True

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
        values = {":at": number(change.at)}
        condition = f"{IS_THE_FIRST_EPOCH} AND {ARTICLE_TAKES_VOTES}"
        if change.vote.epoch:
            condition = f"{IS_THE_EPOCH} AND {ARTICLE_TAKES_VOTES}"
            values[":epoch"] = number(change.vote.epoch)
        if registered_only:
            condition = f"{ARTICLE_IS_REGISTERED} AND {condition}"
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
            names[f"#{index}"] = items.count_attribute(count_name(change.vote.epoch, choice))
            values[f":{index}"] = number(delta)
            adds.append(f"#{index} :{index}")
        values[":one"] = number(1)
        shard["ExpressionAttributeNames"] = names
        sets = "updated_at = :at"
        if ref in self._registered:  # only for the stream, which has a lane for such records (ADR 19)
            sets += ", listed = :true"
            values[":true"] = {"BOOL": True}
        shard["UpdateExpression"] = f"SET {sets} ADD {', '.join(adds)}, version :one"
        return {"Update": shard}


def _reason(terms: Terms, at: int, registered_only: bool) -> Reason:
    """Why an article with these terms takes no vote at this time."""
    state = terms.state(at, registers_articles=registered_only)
    return "unknown_article" if state == "unknown" else "voting_not_open" if state == "upcoming" else "voting_closed"
