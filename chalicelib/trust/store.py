"""Exclusions in the table, and the votes that are moved for them. One method for each access pattern."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from chalicelib.deadlines import Deadline
from chalicelib.dynamodb.attempts import ConditionRefused
from chalicelib.dynamodb.attributes import PK, SK, Item, number, text
from chalicelib.dynamodb.table import Table
from chalicelib.publishing.articles import ArticleRef
from chalicelib.publishing.items import article_partition
from chalicelib.trust.exclusions import Exclusion
from chalicelib.trust.items import (
    LIST_OF_UNFINISHED,
    exclusion_item,
    exclusion_key,
    exclusions_partition,
    listed_exclusion_key,
    read_exclusion,
    read_listed_exclusion,
)
from chalicelib.trust.ports import Moved
from chalicelib.voting import items
from chalicelib.voting.store import vote_as_read
from chalicelib.voting.tallies import (
    MOVED,
    add_counts,
    count_name,
    counted_as,
    epoch_and_counted,
    exclusion_of,
    moved_name,
)
from chalicelib.voting.voters import vote_partition
from chalicelib.voting.votes import Vote

IS_NEW, IS_AS_READ = "attribute_not_exists(PK)", "version = :read"
IS_IN_THIS_STATE = "#state = :state AND generation = :generation"
EXCLUSION = 0  # the first action of a move


class ExclusionsTable(Table):
    """Implements `ports.ExclusionStore`."""

    def exclusion(self, site: str, exclusion_id: str, deadline: Deadline) -> Exclusion | None:
        """One exclusion, read consistently."""
        item = self._get(exclusion_key(site, exclusion_id), deadline, consistent=True)
        return None if item is None else read_exclusion(item, site)

    def exclusions(self, site: str, deadline: Deadline) -> list[Exclusion]:
        """Every exclusion of a site, also those that were undone."""
        found = self._query(deadline, "PK = :exclusions", {":exclusions": text(exclusions_partition(site))})
        return [read_exclusion(item, site) for item in found]

    def unfinished_exclusions(self, deadline: Deadline) -> list[tuple[str, str]]:
        """The sites and ids of those with votes that are to be moved."""
        found = self._query(deadline, "PK = :list", {":list": text(LIST_OF_UNFINISHED)})
        return [read_listed_exclusion(item) for item in found]

    def put_exclusion(self, exclusion: Exclusion, deadline: Deadline) -> bool:
        """Store it as its next version, if the stored one has the version that was read. True if it was stored."""
        put: Item = {"TableName": self._name, "ConditionExpression": IS_NEW}
        put["Item"] = exclusion_item(replace(exclusion, version=exclusion.version + 1))
        if exclusion.version:
            put["ConditionExpression"] = IS_AS_READ
            put["ExpressionAttributeValues"] = {":read": number(exclusion.version)}
        listed = listed_exclusion_key(exclusion)
        listing = self._delete_action(listed) if exclusion.is_finished else self._put_action(listed)
        return self._transact_if(deadline, {"Put": put}, listing)

    def move_votes(
        self, exclusion: Exclusion, ref: ArticleRef, votes: Sequence[tuple[str, Vote]], deadline: Deadline
    ) -> Moved:
        """Move at most 90 votes of one shard to the exclusion, or back, in one transaction."""
        name = exclusion.name if exclusion.state == "applying" else ""
        counts, cast = Counter[str](), Counter[str]()
        for _, vote in votes:
            if vote.choice is not None:
                counts[count_name(vote.epoch, counted_as(vote.choice, vote.exclusion))] -= 1
                counts[count_name(vote.epoch, counted_as(vote.choice, name))] += 1
                if name:
                    counts[moved_name(vote.epoch, vote.choice, name)] += 1
                    cast[items.cast_attribute(vote.changed_at or 0, count_name(vote.epoch, vote.choice))] += 1
        check: Item = {
            "TableName": self._name,
            "Key": exclusion_key(exclusion.site, exclusion.rule.id),
            "ConditionExpression": IS_IN_THIS_STATE,
            "ExpressionAttributeNames": {"#state": "state"},
            "ExpressionAttributeValues": {":state": text(exclusion.state), ":generation": number(exclusion.generation)},
        }
        actions = [{"ConditionCheck": check}, *(self._vote_action(ref, key, vote, name) for key, vote in votes)]
        if counts:
            named = {items.count_attribute(count): delta for count, delta in counts.items()} | {"version": 1}
            actions.append(self._adding(items.tally_key(ref, votes[0][1].shard), named))
        if cast:
            actions.append(self._adding(items.cast_key(ref, name, vote_partition(votes[0][0])), cast))
        try:
            self._transact(deadline, *actions)
        except ConditionRefused as refused:
            return "ended" if refused.failed(EXCLUSION) else "changed"
        return "moved"

    def excluded_votes(self, ref: ArticleRef, name: str, epoch: int, deadline: Deadline) -> Mapping[str, int]:
        """How many votes of this epoch under this id the exclusion has been given, by the choices that they had."""
        counts: dict[str, int] = {}
        for of_hour in items.read_cast(self._cast(ref, name, deadline)).get(name, {}).values():
            for counted, number_of in of_hour.items():
                of, choice = epoch_and_counted(counted)
                add_counts(counts, {choice: number_of} if of == epoch else {})
        return counts

    def _cast(self, ref: ArticleRef, name: str, deadline: Deadline) -> list[Item]:
        return self._beside(article_partition(ref), f"{items.CAST_PREFIX}{name}#", deadline)

    def _beside(self, partition: str, prefix: str, deadline: Deadline) -> list[Item]:
        """The items of an article, or of a page of its shards, whose sort keys begin with this."""
        values = {":article": text(partition), ":prefix": text(prefix)}
        condition = "PK = :article AND begins_with(SK, :prefix)"
        return list(self._query(deadline, condition, values, ConsistentRead=True))

    def forget_votes(self, ref: ArticleRef, name: str, at: int, deadline: Deadline) -> None:
        """Remove what an exclusion without votes has left under this id. When they were cast expires `at` once.

        Counts of readers who have voted again since a reset stay: their votes of before are no votes any more.
        """
        for item in self._cast(ref, name, deadline):
            update: Item = {
                "TableName": self._name,
                "Key": {key: item[key] for key in (PK, SK)},
                "UpdateExpression": "SET expires_at = :at",
                "ConditionExpression": "attribute_exists(PK)",
                "ExpressionAttributeValues": {":at": number(at)},
            }
            self._update_if(update, deadline)
        pages, page = 1, 0
        while page < pages:
            for item in self._beside(items.page_partition(ref, page), items.TALLY_PREFIX, deadline):
                if items.is_terms(item):
                    pages = items.read_pages(item)
                else:
                    self._forget(item, name, deadline)
            page += 1

    def _forget(self, shard: Item, name: str, deadline: Deadline) -> None:
        counts = items.tally_from(shard).counts
        left = [one for one in counts if exclusion_of(one) == name and (one.endswith(MOVED) or not counts[one])]
        if left:
            names = {f"#{index}": items.count_attribute(one) for index, one in enumerate(left)}
            update: Item = {
                "TableName": self._name,
                "Key": {key: shard[key] for key in (PK, SK)},
                "UpdateExpression": f"REMOVE {', '.join(names)} ADD version :one",
                "ConditionExpression": IS_AS_READ,
                "ExpressionAttributeNames": names,
                "ExpressionAttributeValues": {":one": number(1), ":read": shard["version"]},
            }
            self._update_if(update, deadline)  # if a vote came, a few bytes stay

    def _vote_action(self, ref: ArticleRef, voter_key: str, vote: Vote, name: str) -> Item:
        condition = vote_as_read(vote.version, vote.exclusion)
        update: Item = {
            "TableName": self._name,
            "Key": items.vote_key(ref, vote_partition(voter_key), voter_key),
            "UpdateExpression": "SET exclusion = :name" if name else "REMOVE exclusion",
            **condition,
        }
        if name:
            update["ExpressionAttributeValues"] = {**condition["ExpressionAttributeValues"], ":name": text(name)}
        return {"Update": update}

    def _adding(self, key: Item, numbers: Mapping[str, int]) -> Item:
        """The update that adds these numbers to attributes of an item."""
        named = [(attribute, delta) for attribute, delta in numbers.items() if delta]
        adds = ", ".join(f"#{index} :{index}" for index in range(len(named)))
        update: Item = {
            "TableName": self._name,
            "Key": key,
            "UpdateExpression": f"ADD {adds}",
            "ExpressionAttributeNames": {f"#{index}": attribute for index, (attribute, _) in enumerate(named)},
            "ExpressionAttributeValues": {f":{index}": number(delta) for index, (_, delta) in enumerate(named)},
        }
        return {"Update": update}
