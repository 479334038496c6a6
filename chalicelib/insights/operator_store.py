"""What only operators do with the read models. No deployed function has the rights for it."""

from __future__ import annotations

from chalicelib.deadlines import Deadline
from chalicelib.dynamodb.attributes import text
from chalicelib.insights import items
from chalicelib.insights.intervals import Window
from chalicelib.insights.store import InsightsStore
from chalicelib.publishing.articles import Article


class InsightsOperatorStore(InsightsStore):
    """Implements `ports.OperatorInsightStore`."""

    def put_title(self, article: Article, window: Window, start: int, deadline: Deadline) -> bool:
        """Give an article's entry in a window its title and address. Returns True if there is such an entry."""
        return self._if_holds(
            lambda: self._client.update_item(
                TableName=self._name,
                Key=items.entry_key(article.ref, window, start),
                UpdateExpression="SET title = :title, #url = :url",
                ConditionExpression="attribute_exists(PK)",
                ExpressionAttributeNames={"#url": "url"},
                ExpressionAttributeValues={":title": text(article.title), ":url": text(article.url)},
            ),
            deadline,
        )
