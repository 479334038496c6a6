"""A publisher's site: its ballot, who may vote from where, which articles take votes, and who sees what."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal, get_args

from chalicelib.errors import InvalidValue, OriginNotAllowed
from chalicelib.publishing.articles import State
from chalicelib.publishing.ballots import Ballot, succeed
from chalicelib.publishing.site_feeds import SiteFeed

SITE_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,62}", re.ASCII)
Insights = Literal["public", "private"]
Ranks = Literal["registered", "any"]
Results = Literal["always", "after_vote", "after_close"]
Noun = Literal["users", "readers", "people"]
RESULTS: tuple[Results, ...] = get_args(Results)
NOUNS: tuple[Noun, ...] = get_args(Noun)
NUMBER = r"[0-9]{1,6}(?:\.[0-9]{1,4})?"
STAR_PRIOR = re.compile(f"({NUMBER}):({NUMBER})", re.ASCII)
BUDGET = re.compile(r"([0-9]{1,7}):([0-9]{1,7})", re.ASCII)
MOST_NEW_VOTERS = 1_000_000
# Names that stand in the zone database, but that browsers do not know.
NO_PLACES = frozenset({"Factory", "localtime"})
# An origin as browsers send it, or all subdomains of a domain, as in a content security policy.
ORIGIN = re.compile(
    r"https?://([a-z0-9.-]{1,253}|\*\.[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63}){1,10})(:[0-9]{1,5})?", re.ASCII
)
SUBDOMAIN = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*", re.ASCII)
MOST_ORIGINS = 100
LANGUAGE = re.compile(r"[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8}){0,4}", re.ASCII)


@dataclass(frozen=True, slots=True)
class StarPrior:
    """What is assumed about an article's stars before anybody has voted: a mean from 1 to 5.

    `weight`: how many votes the assumption counts as. It is above 0, so that an article without votes has a mean.
    """

    mean: float = 3.0
    weight: float = 10.0


NO_STARS_YET = StarPrior()


@dataclass(frozen=True, slots=True)
class Budget:
    """How many new voters one address may bring in an hour: `free`, and at the `most`. In between, each costs work.

    Whole networks have more than one address (`admission.networks`).
    """

    free: int = 60
    most: int = 3000

    def times(self, share: int) -> Budget:
        """So many times this budget."""
        return Budget(self.free * share, self.most * share)


@dataclass(frozen=True, slots=True)
class Site:
    """A publisher's site.

    `origins`: the origins whose pages may vote, such as https://news.example or https://*.news.example; if it is empty,
    any page may. `registers_articles`: only registered articles take votes. `insights`: "public" if everybody may read
    leaderboards and histories, "private" if only holders of a key may. `ranks`: which articles are on leaderboards and
    in the site's totals: "registered", or "any". With "any", strangers can put invented articles there, unless the site
    also registers its articles.
    `time_zone`: the IANA name of the zone in which the site's days begin and end. `noun`: what the page calls its
    voters. `results`: when a reader sees the counts of an article: "always", "after_vote" (the reader has voted, or
    voting is closed), or "after_close". Everybody always sees how many have voted. `language`: that of its
    articles, a BCP 47 tag. `feed`: the publisher's own feed, from which articles are registered (`syncing`).
    `new_voters`: how many may come from one network. `version`: grows with each change; 0 before the site is stored.
    """

    id: str
    ballot: Ballot
    origins: tuple[str, ...] = ()
    registers_articles: bool = False
    insights: Insights = "public"
    ranks: Ranks = "registered"
    star_prior: StarPrior = NO_STARS_YET
    time_zone: str = "UTC"
    noun: Noun = "users"
    results: Results = "always"
    language: str = "en"
    feed: SiteFeed | None = None
    new_voters: Budget = Budget()
    version: int = 0

    def shows_counts(self, state: State, *, voted: bool) -> bool:
        """True if a reader may see the counts of an article in this state. `voted`: the reader has a vote on it."""
        return self.results == "always" or state == "closed" or (self.results == "after_vote" and voted)

    def check_origin(self, origin: str | None) -> None:
        """Refuse a page whose origin the site does not list. A caller without an Origin header is not a browser."""
        if self.origins and origin is not None and not any(_covers(one, origin) for one in self.origins):
            raise OriginNotAllowed(f"The site {self.id} does not take votes from pages of this origin.", field="Origin")


def parse_site_id(raw: str) -> str:
    """A well-formed site id. Raises `InvalidValue`."""
    if not SITE_ID.fullmatch(raw):
        raise InvalidValue("site must be 1 to 63 of a-z, 0-9 and -, starting with a letter or digit.", field="site")
    return raw


def _covers(allowed: str, origin: str) -> bool:
    """True if an origin is the allowed one, or a subdomain of it where that is allowed."""
    before, star, after = allowed.partition("*")
    if not star:
        return origin == allowed
    subdomain = origin[len(before) : -len(after)]
    return origin.startswith(before) and origin.endswith(after) and SUBDOMAIN.fullmatch(subdomain) is not None


def succeed_site(before: Site, wanted: Site) -> Site:
    """The site `wanted` in the place of `before`: the next version of it, or `before` itself if nothing changes."""
    after = replace(wanted, ballot=succeed(before.ballot, wanted.ballot), version=before.version)
    return before if after == before else replace(after, version=before.version + 1)


def parse_origin(raw: str) -> str:
    """A web origin as browsers send it: scheme, host and port, no path. `*.` stands for all subdomains.

    Raises `InvalidValue`.
    """
    if not ORIGIN.fullmatch(raw):
        raise InvalidValue(
            f"{raw[:300]!r} is not an origin such as https://news.example or https://*.news.example.", field="origins"
        )
    return raw


def parse_language(raw: str) -> str:
    """The BCP 47 tag of a language, such as de or pt-BR. Raises `InvalidValue`."""
    if not LANGUAGE.fullmatch(raw):
        raise InvalidValue("language must be a language tag such as en or pt-BR.", field="language")
    return raw


def parse_time_zone(raw: str) -> str:
    """The IANA name of a time zone, such as Europe/Berlin. Raises `InvalidValue`."""
    from difflib import get_close_matches  # noqa: PLC0415 - only the command line pays for these
    from zoneinfo import available_timezones  # noqa: PLC0415

    zones = available_timezones() - NO_PLACES
    if raw not in zones:
        near = get_close_matches(raw, sorted(zones), 1)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise InvalidValue(f"time_zone must be the name of a zone such as Europe/Berlin.{hint}", field="time_zone")
    return raw


def make_budget(free: int, most: int) -> Budget:
    """A budget of new voters. Raises `InvalidValue`."""
    if not 1 <= free <= most <= MOST_NEW_VOTERS:
        raise InvalidValue(
            f"new_voters: free must be at least 1, and most at least free and at most {MOST_NEW_VOTERS:,}.",
            field="new_voters",
        )
    return Budget(free, most)


def parse_budget(raw: str) -> Budget:
    """Free new voters and the most per hour, such as 60:3000. Raises `InvalidValue`."""
    found = BUDGET.fullmatch(raw)
    if found is None:
        raise InvalidValue(
            "new-voters must be two numbers per hour, free and most, such as 60:3000.", field="new-voters"
        )
    return make_budget(int(found[1]), int(found[2]))


def parse_star_prior(raw: str) -> StarPrior:
    """A mean from 1 to 5 and its weight in votes, such as 3.4:20. Raises `InvalidValue`."""
    found = STAR_PRIOR.fullmatch(raw)
    if found is None or not (1 <= float(found[1]) <= 5 and float(found[2]) > 0):
        raise InvalidValue(
            "star-prior must be a mean from 1 to 5 and a weight above 0, such as 3.4:20.", field="star-prior"
        )
    return StarPrior(float(found[1]), float(found[2]))
