"""How many stuffed votes `trust.suspicions` finds, how many honest ones it suspects, and what stuffing costs.

A made-up site with 200,000 honest votes on articles of all sizes. Its readers come from networks as real ones are:
carriers with thousands of readers behind one address, offices, campuses, and homes with IPv4 or IPv6. People of one
office or campus are more alike than others. Then votes are stuffed into an article with 3,000 honest ones: in ways that
should be found, and in ways that imitate readers. The price is that of `admission.budgets`, on one processor.
"""

from __future__ import annotations

import argparse
import math
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import accumulate

from rich.console import Console
from rich.table import Table as Grid

from bench.challenges import node_ms
from chalicelib.admission.budgets import Use, price, wait
from chalicelib.admission.provenance import MARK_BYTES, TOKEN_AGES, TokenAge
from chalicelib.publishing.sites import Budget
from chalicelib.trust.suspicions import LIKENESS, Seen, find

SEED, HONEST_VOTES, ARTICLES, HOURS, DAY = 1, 200_000, 120, 72, 24
STUFFED, ON_HONEST, LIKED, HOUR = 10_000, 3_000, 0.6, 3600
AGES = (0.45, 0.05, 0.10, 0.40)  # of readers' tokens: many have voted here before
CARRIERS, OFFICES, CAMPUSES, HOMES = 0.42, 0.12, 0.04, 0.42  # the shares of readers
Network = tuple[str, ...]  # its names, the narrowest first


@dataclass(frozen=True, slots=True)
class Place:
    """Where readers come from: the network, the weight of its readers, and how alike they are."""

    network: Network
    weight: float
    likeness: float


@dataclass(frozen=True, slots=True)
class Stuffed:
    """A stuffed vote: where it comes from, in which hour, and its traits."""

    network: Network
    hour: int
    choice: str
    age: TokenAge


def places(rng: random.Random) -> list[Place]:
    """The readers of a country. Sizes of carriers, offices and campuses are heavy-tailed."""
    carriers = [
        (1 / (one + 1) / (pool + 1) ** 0.8 / (address + 1) ** 0.7, (f"c{one}.{pool}.{address}", f"c{one}.{pool}"))
        for one in range(8) for pool in range(40) for address in range(16)
    ]  # fmt: skip
    offices = [(min(500.0, 5 * rng.paretovariate(1.2)), (f"o{number}", f"ow{number}")) for number in range(3000)]
    campuses = [(rng.paretovariate(1.1), (f"u{number}", f"uw{number}")) for number in range(40)]
    homes: list[tuple[float, Network]] = [(1.0, (f"h{number}", f"hw{number // 40}")) for number in range(36_000)]
    homes += [(1.0, (f"x{number}", f"y{number}", f"z{number // 60}")) for number in range(24_000)]
    kinds: list[tuple[list[tuple[float, Network]], float, float]] = [
        (list(carriers), CARRIERS, 200.0), (list(offices), OFFICES, LIKENESS), (list(campuses), CAMPUSES, LIKENESS),
        (homes, HOMES, 3.0),
    ]  # fmt: skip
    found = []
    for kind, share, likeness in kinds:
        together = sum(weight for weight, _ in kind)
        found += [Place(network, share * weight / together, likeness) for weight, network in kind]
    return found


class Readers:
    """Honest votes on one article after the other."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._places = places(rng)
        self._weights = list(accumulate(place.weight for place in self._places))

    def votes(self, number: int, liked: float) -> list[Seen]:
        """The votes of so many readers on an article that this share of people likes."""
        rng, opinions = self._rng, dict[str, float]()
        first = rng.randrange(DAY)
        crowd = [math.exp(-hour / 12) * (1.3 + math.sin((first + hour) / 12 * math.pi)) for hour in range(HOURS)]
        found = []
        for place in rng.choices(self._places, cum_weights=self._weights, k=number):
            name = place.network[0]
            if name not in opinions:
                opinions[name] = rng.betavariate(liked * place.likeness, (1 - liked) * place.likeness)
            choice = "up" if rng.random() < opinions[name] else "down"
            (hour,), (age,) = rng.choices(range(HOURS), crowd), rng.choices(TOKEN_AGES, AGES)
            found.append(Seen(choice, hour * HOUR, age, marks(place.network, hour)))
        return found


def marks(network: Network, hour: int) -> tuple[bytes, ...]:
    """Marks differ from day to day, as salts do."""
    return tuple(random.Random(f"{name} {hour // DAY}").randbytes(MARK_BYTES) for name in network)


def hosts(number: int) -> Callable[[int], Network]:
    """So many hosts, each in a network of its own, which take turns."""
    return lambda vote: (f"a{vote % number}", f"w{vote % number}")


def spread(hours: int) -> Callable[[int], int]:
    """Over so many hours, beginning with the fifth."""
    return lambda vote: 5 + vote % hours


def attacks(rng: random.Random) -> Iterator[tuple[str, list[Stuffed]]]:
    """The ways in which votes are stuffed. Scripts have fresh tokens, unless they imitate readers."""

    def script(network: Callable[[int], Network], hour: Callable[[int], int], votes: int = STUFFED) -> list[Stuffed]:
        return [Stuffed(network(vote), hour(vote), "down", "minute") for vote in range(votes)]

    def imitation(network: Callable[[int], Network]) -> list[Stuffed]:
        traits = [(rng.randrange(HOURS), rng.choices(TOKEN_AGES, AGES)[0]) for _ in range(STUFFED)]
        return [
            Stuffed(network(vote), hour, "up" if rng.random() < LIKED else "down", age)
            for vote, (hour, age) in enumerate(traits)
        ]

    def in_48(_: int) -> Network:
        return f"a{rng.randrange(100_000)}", f"b{rng.randrange(256)}", "c"

    yield "one host", script(lambda _: ("a", "w"), lambda vote: 5 + vote // 2_500)
    yield "one /24", script(lambda vote: (f"a{vote % 254}", "w"), spread(3))
    yield "one /48, 100,000 addresses", script(in_48, spread(3))
    yield "200 rented hosts", script(hosts(200), spread(4))
    yield "500 residential addresses", script(hosts(500), spread(6))
    yield "a slow drip from 20 hosts", script(hosts(20), lambda vote: vote % HOURS)
    yield "a fan club of 150 on one campus", script(lambda _: ("u3", "uw3"), spread(2), 150)
    yield "10,000 addresses, one vote each", script(hosts(STUFFED), spread(6))
    yield "200 hosts that imitate readers", imitation(hosts(200))


def cost(stuffed: list[Stuffed], step_seconds: float) -> tuple[float, int]:
    """The CPU hours that the voters of an attack cost, and how many of them are refused: too many in one hour."""
    uses: Counter[tuple[str, int]] = Counter()
    steps = refused = 0
    for one in sorted(stuffed, key=lambda one: one.hour):
        shares = (1, 4, 16)
        now = [
            Use(Budget().times(share), 0, uses[name, one.hour])
            for name, share in zip(one.network, shares, strict=False)
        ]
        if wait(now, 0):
            refused += 1
            continue
        steps += price(now, 0)
        uses.update((name, one.hour) for name in one.network)
    return steps / 2 * step_seconds / HOUR, refused


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`python -m bench trust`."""
    parser = commands.add_parser("trust", help="which stuffed votes are found, and which honest ones are suspected")
    parser.set_defaults(run=lambda _: show(Console()))


def show(console: Console) -> int:
    """Prints the tables."""
    rng = random.Random(SEED)
    readers = Readers(rng)
    weights = [1 / (rank + 1) for rank in range(ARTICLES)]
    honest = suspected = groups = 0
    for weight in weights:
        votes = readers.votes(int(HONEST_VOTES * weight / sum(weights)), rng.betavariate(4, 2))
        findings = find(votes)
        honest += len(votes)
        suspected += len(votes) - len(findings.kept)
        groups += len(findings.suspicions)
    console.print(
        f"Without stuffing: {suspected:,} of {honest:,} honest votes on {ARTICLES} articles are suspected "
        f"({suspected / honest:.2%}, goal 0.50%), in {groups} groups."
    )
    step_seconds = node_ms() / 1000
    grid = Grid("stuffed", "votes", "found", "honest ones suspected", "CPU hours", "refused at the gate")
    for name, stuffed in attacks(rng):
        honest_votes = readers.votes(ON_HONEST, LIKED)
        bad = [Seen(one.choice, one.hour * HOUR, one.age, marks(one.network, one.hour)) for one in stuffed]
        kept = {id(vote) for vote in find([*honest_votes, *bad]).kept}
        found = sum(id(vote) not in kept for vote in bad) / len(bad)
        wrong = sum(id(vote) not in kept for vote in honest_votes) / len(honest_votes)
        hours, refused = cost(stuffed, step_seconds)
        grid.add_row(name, f"{len(bad):,}", f"{found:.1%}", f"{wrong:.2%}", f"{hours:.1f}", f"{refused:,}")
    console.print(grid)
    return 0
