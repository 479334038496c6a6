"""Random editors, readers and resets against a plain model: a list of wishes, and which of them an exclusion has.

After each step, every hour of the history must be what the model says, and its end must be the tally.
"""

from __future__ import annotations

import random
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count

import pytest

from chalicelib.deadlines import Deadline
from chalicelib.errors import ExclusionRefused, TooManyVotes, Unavailable, UnknownArticle
from chalicelib.publishing.registering import reset
from chalicelib.trust.exclusions import Rule
from chalicelib.trust.states import HOUR
from chalicelib.voting.voters import VoterKeys
from tests.support.excluding import KEY, Editor
from tests.support.fake_exclusions import MemoryExclusions
from tests.support.fake_insights import MemoryInsights
from tests.support.fakes import DEMO, START, MemoryStore, patient
from tests.support.merging import OLD, PEPPER, Newsroom, ending_after

READERS = [f"r{number}" for number in range(8)]
STEPS = 60
NEVER = (-1, 0, None)


@dataclass
class World:
    """An article, and what happened to it. `wishes`: of each reader, as (hour, epoch, choice), the oldest first.

    `taken`: since which hour a vote of a reader is an exclusion's, by reader, epoch and the exclusion's name.
    """

    rng: random.Random
    newsroom: Newsroom
    editor: Editor
    hour: int = 0
    epochs: list[tuple[int, int]] = field(default_factory=lambda: [(-1, 0)])
    wishes: dict[str, list[tuple[int, int, str | None]]] = field(
        default_factory=lambda: {reader: [NEVER] for reader in READERS}
    )
    taken: dict[tuple[str, int, str], int] = field(default_factory=dict)

    def vote(self) -> None:
        reader, choice = self.rng.choice(READERS), self.rng.choice(["up", "down", None])
        self.newsroom.seconds = count(START + self.hour * HOUR)
        with suppress(TooManyVotes):
            self.newsroom.vote(reader, OLD, choice)
            self.wishes[reader].append((self.hour, self.epochs[-1][1], choice))

    def exclude(self) -> None:
        first = self.editor.first_hour + self.rng.choice([0, max(0, self.hour - 2)]) * HOUR
        rule = Rule(OLD.article, first, first + 100 * HOUR, choice=self.rng.choice(["up", "down", None]))
        with suppress(Unavailable, ExclusionRefused, UnknownArticle):
            rule = self.editor.trust.rule_for("demo", rule, patient())
            self.editor.trust.exclude("demo", rule, KEY, START, self.deadline())

    def restore(self) -> None:
        for one in self.rng.sample(self.editor.trust.listed("demo", patient()), k=1):
            with suppress(Unavailable):
                self.editor.restore(one, self.deadline)

    def wait(self) -> None:
        self.hour += 1

    def reset(self) -> None:
        key, at = f"key-{len(self.epochs)}", START + self.hour * HOUR
        epoch = reset(self.newsroom.store, OLD, key, at, patient()).epoch
        self.epochs.append((self.hour, epoch))

    def deadline(self) -> Deadline:
        """One that ends after some calls now and then, as if the process was killed."""
        return ending_after(self.rng.randrange(1, 60))() if self.rng.random() < 0.4 else patient()

    def look(self) -> None:
        """Notice which votes an exclusion has by now."""
        for reader in READERS:
            vote = self.newsroom.store.vote(OLD, VoterKeys(PEPPER, reader).on(OLD), patient())
            if vote.exclusion:
                cast = ((vote.changed_at or 0) - self.editor.first_hour) // HOUR
                self.taken.setdefault((reader, vote.epoch, vote.exclusion), cast)

    def expected(self, hour: int, active: tuple[str, ...]) -> dict[str, int]:
        """The counts at the end of this hour."""
        epoch = next(one for began, one in reversed(self.epochs) if began <= hour)
        counts: dict[str, int] = {}
        for reader, wishes in self.wishes.items():
            _, of, choice = next(one for one in reversed(wishes) if one[0] <= hour)
            out = any((self.taken.get((reader, epoch, name), hour + 1)) <= hour for name in active)
            if of == epoch and choice is not None and not out:
                counts[choice] = counts.get(choice, 0) + 1
        return counts


@pytest.mark.parametrize("seed", range(8))
def test_every_hour_is_as_if_the_excluded_votes_were_never_cast(seed: int) -> None:
    rng, store = random.Random(seed), MemoryStore()
    store.put_site(DEMO, patient())
    editor = Editor(store, MemoryExclusions(store), MemoryInsights(store))
    world = World(rng, Newsroom(store), editor)
    for _ in range(STEPS):
        steps = [world.vote] * 30 + [world.wait] * 10 + [world.exclude] * 8 + [world.reset]
        if editor.trust.listed("demo", patient()):
            steps += [world.restore] * 6
        rng.choice(steps)()
        world.look()
        editor.project(OLD)
        (stored,) = store.articles([OLD], patient())
        history = editor.history(OLD, world.hour + 1)
        for start, counts, _ in history:
            hour = (start - editor.first_hour) // HOUR
            assert counts == world.expected(hour, stored.exclusions.active), hour
        if history:
            assert history[-1][1] == world.newsroom.counts(OLD)
        assert world.newsroom.drifts(OLD) == 0
