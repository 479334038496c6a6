"""What only operators do with votes: recount and repair them. The scheduled recount reads with it, too."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from chalicelib.deadlines import Deadline
from chalicelib.dynamodb.attributes import PK, Item, number
from chalicelib.publishing.articles import ArticleRef
from chalicelib.publishing.store import PublishingStore
from chalicelib.voting import items
from chalicelib.voting.article_store import ArticleStore
from chalicelib.voting.tallies import Tally
from chalicelib.voting.voters import VOTE_PARTITIONS

SHARD_IS_NEW = "attribute_not_exists(PK)"
SHARD_IS_AS_READ = "version = :read"


class VotingOperatorStore(ArticleStore, PublishingStore):
    """Implements `ports.OperatorStore`: everything that the command line does, except with the read models."""

    def articles_with_votes(
        self, site_id: str | None, deadline_for_page: Callable[[], Deadline]
    ) -> Iterator[ArticleRef]:
        """Every article that has votes or a tally, once each. A Scan that reads keys only."""
        seen: set[ArticleRef] = set()
        for item in self._scan(deadline_for_page, ProjectionExpression=PK):
            ref = items.article_of_partition(item[PK]["S"])
            if ref is not None and ref not in seen and site_id in (None, ref.site):
                seen.add(ref)
                yield ref

    def partitions_in_segment(
        self, segment: int, segments: int, deadline_for_page: Callable[[], Deadline]
    ) -> Iterator[tuple[ArticleRef, int]]:
        """The vote partitions that this segment of the table has to do with, once each.

        It has to do with those whose votes are in it, and with all partitions of an article whose tally is in it. So an
        article is met even if all its votes are lost, or its tally.
        """
        seen: set[tuple[ArticleRef, int]] = set()
        pages = self._scan(deadline_for_page, ProjectionExpression=PK, Segment=segment, TotalSegments=segments)
        for item in pages:
            ref = items.article_of_partition(item[PK]["S"])
            if ref is not None:
                partition = items.partition_of_votes(item[PK]["S"])
                for one in range(VOTE_PARTITIONS) if partition is None else (partition,):
                    if (ref, one) not in seen:
                        seen.add((ref, one))
                        yield ref, one

    def stored_pepper(self, deadline: Deadline) -> str | None:
        """The fingerprint of the pepper that made this table's voter keys; None if there are none yet."""
        item = self._get(items.PEPPER, deadline, consistent=True)
        return None if item is None else str(item["fingerprint"]["S"])

    def shards(self, ref: ArticleRef, deadline: Deadline) -> dict[int, Tally]:
        """The tally shards by number, read consistently."""
        shards, _ = self._shards_and_terms(ref, deadline, consistent=True)
        return {items.shard_of(item): items.tally_from(item) for item in shards}

    def repair_shard(
        self, ref: ArticleRef, shard: int, counts: Mapping[str, int], read_version: int, at: int, deadline: Deadline
    ) -> bool:
        """Set the counts of a shard if its version is still `read_version`. Returns True if they were set.

        It is a change like any other: the version grows, so caches and the projected tally follow.
        """
        names = {f"#{index}": items.count_attribute(choice) for index, choice in enumerate(counts)}
        values: Item = {f":{index}": number(count) for index, count in enumerate(counts.values())}
        values |= {":at": number(at), ":one": number(1)}
        condition = SHARD_IS_NEW
        if read_version:
            condition = SHARD_IS_AS_READ
            values[":read"] = number(read_version)
        sets = "".join(f"#{index} = :{index}, " for index in range(len(counts)))
        return self._if_holds(
            lambda: self._client.update_item(
                TableName=self._name,
                Key=items.tally_key(ref, shard),
                UpdateExpression=f"SET {sets}updated_at = :at ADD version :one",
                ConditionExpression=condition,
                ExpressionAttributeNames=names,
                ExpressionAttributeValues=values,
            ),
            deadline,
        )
