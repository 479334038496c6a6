"""What publishers ask about their feed: is it read, and what came of it?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib.deadlines import Deadline
from chalicelib.errors import UnknownFeed
from chalicelib.publishing.key_directory import KeyDirectory
from chalicelib.syncing.ports import FeedStore

if TYPE_CHECKING:  # a cold start of the API does not need it
    from chalicelib.syncing.feed_states import FeedState


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Syncing:
    """The syncing feature, as the API has it. Feeds are read by a function of their own (`schedule`)."""

    keys: KeyDirectory
    feeds: FeedStore

    def feed(self, site_id: str, deadline: Deadline) -> FeedState:
        """How the reading of this site's feed goes. Raises `UnknownFeed`."""
        state = self.feeds.feed(site_id, deadline)
        if state is None:
            raise UnknownFeed(f"The site {site_id} has no feed. It is a setting of the site.", field="site")
        return state
