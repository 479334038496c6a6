"""How fast one voter may vote: 30 votes in a minute, on 300 articles in an hour.

A reader comes nowhere near. A script that has one token does. Each container remembers what it has seen, so no vote
costs a read or a write more. A script whose requests are spread over ten containers can vote up to ten times as often;
`python -m bench limits` prints how that goes. What is exact across containers is the number of changes of mind
(`votes.CHANGES_PER_HOUR`), because the vote itself counts them.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from chalicelib.errors import TooManyVotes

VOTES_PER_MINUTE, ARTICLES_PER_HOUR = 30, 300
MINUTE, HOUR = 60, 3600
MOST_VOTERS = 10_000  # the one who voted first is forgotten first


@dataclass(slots=True)
class _Seen:
    """When a voter's last votes were stored, and when the voter first voted on each article of the last hour."""

    votes: deque[int] = field(default_factory=lambda: deque(maxlen=VOTES_PER_MINUTE))
    articles: dict[str, int] = field(default_factory=dict)


class Pace:
    """What one container remembers of its voters. Times are epoch seconds, which never go back far."""

    def __init__(self) -> None:
        self._seen: dict[str, _Seen] = {}

    def check(self, voter_id: str, article: str, at: int) -> None:
        """Raise `TooManyVotes` if this voter must wait before the next vote, on this article."""
        seen = self._seen.get(voter_id)
        if seen is None:
            return
        if len(seen.votes) == VOTES_PER_MINUTE and at < seen.votes[0] + MINUTE:
            raise TooManyVotes(f"{VOTES_PER_MINUTE} votes a minute are the most.", seen.votes[0] + MINUTE - at)
        if article in seen.articles or len(seen.articles) < ARTICLES_PER_HOUR:
            return
        oldest = min(seen.articles.values())
        if at < oldest + HOUR:
            raise TooManyVotes(f"{ARTICLES_PER_HOUR} articles an hour are the most.", oldest + HOUR - at)

    def record(self, voter_id: str, article: str, at: int) -> None:
        """Remember that a vote of this voter was stored."""
        seen = self._seen.get(voter_id)
        if seen is None:
            if len(self._seen) >= MOST_VOTERS:
                self._seen.pop(next(iter(self._seen)))
            seen = self._seen[voter_id] = _Seen()
        seen.votes.append(at)
        if article not in seen.articles:
            seen.articles = {one: first for one, first in seen.articles.items() if at < first + HOUR}
            seen.articles[article] = at
