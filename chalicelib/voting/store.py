"""Votes in the table: one method for each access pattern of requests.

A vote is written in one transaction over two items: the vote, and the tally shard that counts it. Both writes carry
the conditions that make the count exact. This module does not decide: `applying.apply` does.

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
from chalicelib.publishing.articles import ArticleRef, Terms
from chalicelib.publishing.merges import written
from chalicelib.voting import items
from chalicelib.voting.commits import (
    CommitResult,
    Committed,
    Conflict,
    OtherTerms,
    Reason,
    Refused,
)
from chalicelib.voting.tallies import count_name
from chalicelib.voting.tally_store import NOTHING_IS_STORED, TERMS_ARE_AS_READ, TallyStore
from chalicelib.voting.terms import copying, read_terms
from chalicelib.voting.voters import shard_for, vote_partition
from chalicelib.voting.votes import Apply, Removal, Vote, never_voted

VOTE_IS_NEW = "attribute_not_exists(PK)"
# An exclusion takes a vote without a new version: its reader sees nothing of it.
VOTE_IS_AS_READ = "version = :read AND attribute_not_exists(exclusion)"
EXCLUDED_VOTE_IS_AS_READ = "version = :read AND exclusion = :exclusion"
# `Terms.state` is the same rule.
ARTICLE_TAKES_VOTES = (
    "(attribute_not_exists(closes_at) OR closes_at > :at) AND (attribute_not_exists(opens_at) OR opens_at <= :at) "
    "AND attribute_not_exists(is_hidden)"
)
ARTICLE_IS_REGISTERED = "attribute_exists(registered)"
IS_THE_FIRST_EPOCH, IS_THE_EPOCH = "attribute_not_exists(epoch)", "epoch = :epoch"
TAKES_ITS_OWN_VOTES = "attribute_not_exists(moved_to)"
HAS_ABSORBED_NONE, HAS_ABSORBED_THESE = "attribute_not_exists(absorbed)", "absorbed = :absorbed"
CONFLICTS_OF_A_BUSY_ARTICLE = 2  # of one vote: on a quiet article, a vote hardly ever meets two
VOTE, SHARD, REMOVALS = 0, 1, 2  # the actions of a vote's transaction, in order; two for each removal


class VotingStore(TallyStore):
    """Implements `ports.VoteStore`."""

    def commit(
        self, ref: ArticleRef, voter_key: str, change: Apply, deadline: Deadline, *, registered_only: bool
    ) -> CommitResult:
        """Store a decided change of a vote, together with the tally, or say why that was not possible."""
        if not change.replaces:  # a new vote: from now on it counts on this shard
            shard = shard_for(voter_key, self._pages.get(ref, 1))
            change = replace(change, vote=replace(change.vote, shard=shard))
        actions = [self._vote_action(ref, voter_key, change), self._shard_action(ref, change, registered_only)]
        for removal in change.removals:
            actions += self._removal_actions(removal, change.at)
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
                if not refused.failed(SHARD):
                    return Conflict(None)  # a removal is not as it was read
                answer = self._refusal(ref, change, refused.item(SHARD), deadline, registered_only)
                if answer is not None:
                    return answer
            else:
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

    def _refusal(
        self, ref: ArticleRef, change: Apply, shard: Item | None, deadline: Deadline, registered_only: bool
    ) -> CommitResult | None:
        """Why the shard refused this change. None: it had an older copy of the terms, and may be asked again.

        To register an article does not write its shards, unless its terms refuse votes. So the first vote on a shard
        copies the terms to it, where only registered articles take votes. Resets and merges do write all shards, but
        may have stopped half-way.
        """
        copy = read_terms(shard or {})
        if _are_those_decided_for(copy, change):
            if copy.registered or not registered_only:
                return Refused(_reason(copy, change.at, registered_only))
        elif copy.merges.moved_to is None and items.version_of_terms(shard) > self._known_version(ref):
            return OtherTerms(self._remember_terms(ref, shard))
        stored = self._get(items.terms_key(ref), deadline, consistent=True)
        terms = self._remember_terms(ref, stored)
        if not _are_those_decided_for(terms, change):
            return OtherTerms(terms)
        if stored is None or (registered_only and not terms.registered):
            return Refused("unknown_article")
        self._adopt_terms(ref, stored, change, deadline)
        return None

    def _adopt_terms(self, ref: ArticleRef, terms: Item, change: Apply, deadline: Deadline) -> None:
        """Copy the article's terms to the vote's shard if its copy is older, and if the terms have not changed."""
        values: Item = {":terms": number(items.terms_version(terms))}
        check: Item = {"TableName": self._name, "Key": items.terms_key(ref), "ConditionExpression": TERMS_ARE_AS_READ}
        key = items.tally_key(ref, change.vote.shard)
        copy = copying(self._name, key, read_terms(terms), items.terms_version(terms), change.at)
        self._transact_if(deadline, {"ConditionCheck": check | {"ExpressionAttributeValues": values}}, {"Update": copy})

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
            put |= vote_as_read(change.replaces, change.exclusion)
        return {"Put": put}

    def _shard_action(self, ref: ArticleRef, change: Apply, registered_only: bool) -> Item:
        """Count the change on its shard if the article takes votes. A fence changes no count, so it only checks."""
        values: Item = {}
        if change.is_wish or change.deltas:
            values[":at"] = number(change.at)
        conditions = [TAKES_ITS_OWN_VOTES]
        if change.is_wish:
            conditions.append(ARTICLE_TAKES_VOTES)
        conditions.append(IS_THE_EPOCH if change.vote.epoch else IS_THE_FIRST_EPOCH)
        if change.vote.epoch:
            values[":epoch"] = number(change.vote.epoch)
        conditions.append(HAS_ABSORBED_THESE if change.absorbed else HAS_ABSORBED_NONE)
        if change.absorbed:
            values[":absorbed"] = text(written(change.absorbed))
        if registered_only:
            conditions.append(ARTICLE_IS_REGISTERED)
        shard: Item = {
            "TableName": self._name,
            "Key": items.tally_key(ref, change.vote.shard),
            "ConditionExpression": " AND ".join(conditions),
            "ExpressionAttributeValues": values,
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        if not change.deltas:
            return {"ConditionCheck": shard}
        adds = []
        names = {}
        for index, (counted, delta) in enumerate(change.deltas):
            names[f"#{index}"] = items.count_attribute(count_name(change.vote.epoch, counted))
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

    def _removal_actions(self, removal: Removal, at: int) -> tuple[Item, Item]:
        """Write a vote that counts no more under an absorbed id, and count it no more."""
        vote = removal.vote
        key = items.vote_key(removal.ref, vote_partition(removal.voter_key), removal.voter_key)
        put: Item = {
            "TableName": self._name,
            "Item": {**key, **items.vote_attributes(vote, at)},
            **vote_as_read(removal.replaces, vote.exclusion),
        }
        update: Item = {
            "TableName": self._name,
            "Key": items.tally_key(removal.ref, vote.shard),
            "UpdateExpression": "SET updated_at = :at ADD #count :less, version :one",
            "ExpressionAttributeNames": {"#count": items.count_attribute(removal.count)},
            "ExpressionAttributeValues": {":at": number(at), ":less": number(-1), ":one": number(1)},
        }
        return {"Put": put}, {"Update": update}


def vote_as_read(version: int, exclusion: str) -> Item:
    """The condition that a vote still has this version, and that this exclusion has it. Empty: none has it."""
    if not exclusion:
        return {"ConditionExpression": VOTE_IS_AS_READ, "ExpressionAttributeValues": {":read": number(version)}}
    values = {":read": number(version), ":exclusion": text(exclusion)}
    return {"ConditionExpression": EXCLUDED_VOTE_IS_AS_READ, "ExpressionAttributeValues": values}


def _are_those_decided_for(terms: Terms, change: Apply) -> bool:
    """True if the vote was decided for these terms, as far as they decide about votes."""
    merges = terms.merges
    return terms.epoch == change.vote.epoch and merges.moved_to is None and merges.absorbed == change.absorbed


def _reason(terms: Terms, at: int, registered_only: bool) -> Reason:
    """Why an article with these terms takes no vote at this time."""
    state = terms.state(at, registers_articles=registered_only)
    return "unknown_article" if state == "unknown" else "voting_not_open" if state == "upcoming" else "voting_closed"
