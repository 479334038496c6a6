"""What only operators do to the table: sites, articles, recounts. No function is deployed with a right to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from chalicelib.deadlines import Deadline
from chalicelib.publishing.articles import Article, ArticleRef
from chalicelib.publishing.sites import Site
from chalicelib.voting import items
from chalicelib.voting.items import Item
from chalicelib.voting.store import Table
from chalicelib.voting.tallies import TALLY_SHARDS, Tally
from chalicelib.voting.votes import Vote

SHARD_IS_NEW = "attribute_not_exists(PK)"
SHARD_IS_AS_READ = "version = :read"


class OperatorTable(Table):
    """The table with everything that the command line may do to it."""

    def put_site(self, site: Site, deadline: Deadline) -> None:
        """Create a site or replace its settings; if its insights are public, it is on the list of sites."""
        put: Item = {"Put": {"TableName": self._name, "Item": items.site_item(site)}}
        listed = items.listed_site_key(site.id)
        listing: Item = {"Delete": {"TableName": self._name, "Key": listed}}
        if site.insights == "public":
            listing = {"Put": {"TableName": self._name, "Item": listed}}
        transaction = self._with_token(put, listing)
        self._answer(lambda: self._client.transact_write_items(**transaction), deadline)

    def article(self, ref: ArticleRef, deadline: Deadline) -> Article | None:
        """A registered article, or None."""
        found = self._answer(lambda: self._client.get_item(TableName=self._name, Key=items.article_key(ref)), deadline)
        return items.read_article(found["Item"], ref) if "Item" in found else None

    def put_article(self, article: Article, at: int, deadline: Deadline) -> None:
        """Register an article, or change it.

        That it is registered, and when it closes, stands on each of its tally shards, where a vote's own transaction
        checks it: no read is added to the vote path, and no cached copy lets a late vote through. What counts is when
        the vote came in, so one that came in before the closing may still commit in the few seconds after it.
        """
        values = {":one": items.number(1), ":at": items.number(at), ":true": {"BOOL": True}}
        change = "REMOVE closes_at"
        if article.closes_at is not None:
            values[":closes_at"] = items.number(article.closes_at)
            change = ", closes_at = :closes_at"
        update = f"SET updated_at = :at, registered = :true {change} ADD version :one"
        shards = [
            {
                "Update": {
                    "TableName": self._name,
                    "Key": items.tally_key(article.ref, shard),
                    "UpdateExpression": update,
                    "ExpressionAttributeValues": values,
                }
            }
            for shard in range(TALLY_SHARDS)
        ]
        put: Item = {"Put": {"TableName": self._name, "Item": items.article_item(article)}}
        transaction = self._with_token(put, *shards)
        self._answer(lambda: self._client.transact_write_items(**transaction), deadline)

    def articles_with_votes(
        self, site_id: str | None, deadline_for_page: Callable[[], Deadline]
    ) -> Iterator[ArticleRef]:
        """Every article that has votes or a tally, once each; a Scan that reads keys only."""
        seen: set[ArticleRef] = set()
        page: Item = {"TableName": self._name, "ProjectionExpression": "PK"}
        while True:
            found = self._answer(lambda: self._client.scan(**page), deadline_for_page())
            for item in found["Items"]:
                ref = items.article_of_partition(item[items.PK]["S"])
                if ref is not None and ref not in seen and site_id in (None, ref.site):
                    seen.add(ref)
                    yield ref
            if "LastEvaluatedKey" not in found:
                return
            page["ExclusiveStartKey"] = found["LastEvaluatedKey"]

    def shards(self, ref: ArticleRef, deadline: Deadline) -> dict[int, Tally]:
        """The tally shards by number, read consistently."""
        return {items.shard_of(item): items.read_tally(item) for item in self._shard_items(ref, deadline, True)}

    def votes_in_partition(
        self, ref: ArticleRef, partition: int, deadline_for_page: Callable[[], Deadline]
    ) -> Iterator[Vote]:
        """Every stored vote of one of the article's vote partitions, read consistently, page by page."""
        page: Item = {
            "TableName": self._name,
            "KeyConditionExpression": "PK = :partition",
            "ExpressionAttributeValues": {":partition": {"S": items.ballots_partition(ref, partition)}},
            "ConsistentRead": True,
        }
        while True:
            found = self._answer(lambda: self._client.query(**page), deadline_for_page())
            yield from map(items.read_vote, found["Items"])
            if "LastEvaluatedKey" not in found:
                return
            page["ExclusiveStartKey"] = found["LastEvaluatedKey"]

    def repair_shard(
        self, ref: ArticleRef, shard: int, counts: Mapping[str, int], read_version: int, at: int, deadline: Deadline
    ) -> bool:
        """Set the given counts of a shard if its version is still the one read; whether it was.

        A change like any other: the version grows, so caches and the summary follow.
        """
        names = {f"#{index}": items.count_attribute(choice) for index, choice in enumerate(counts)}
        values = {f":{index}": items.number(count) for index, count in enumerate(counts.values())}
        values |= {":at": items.number(at), ":one": items.number(1)}
        condition = SHARD_IS_NEW
        if read_version:
            condition = SHARD_IS_AS_READ
            values[":read"] = items.number(read_version)
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
