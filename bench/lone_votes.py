"""What a lone vote costs, the vote itself and its projection, for each kind of ballot."""

from __future__ import annotations

import time

from chalicelib import bootstrap
from chalicelib.insights.projection import Projection
from chalicelib.insights.settling import begin
from chalicelib.publishing.articles import ArticleRef
from chalicelib.publishing.ballots import KINDS, make_ballot
from chalicelib.publishing.site_directory import SiteDirectory
from chalicelib.publishing.sites import Site
from chalicelib.voting.applying import apply
from chalicelib.voting.votes import Wish
from tests.support.fakes import START, patient
from tests.support.metering import Call, Meter
from tests.support.stream import last_state

HOUR = 3600


def measure(options: dict[str, str], table: str) -> list[tuple[str, str, str, str]]:
    """(ballot and vote, calls, write units, read units); in each the vote + its projection."""
    store, insights = bootstrap.operator_store(table, **options), bootstrap.operator_insights(table, **options)
    unmetered = bootstrap.operator_store(table, **options)
    meter = Meter(store._client)
    Meter(insights._client).calls = meter.calls
    sites = SiteDirectory(unmetered, time.monotonic)
    rows = []
    for kind in KINDS:
        ballot = make_ballot(kind, ["joy", "sad"] if kind == "reactions" else [])
        site = Site(kind, ballot, ranks="any")
        store.put_site(site, patient())
        begin(insights, site, START, patient())  # as `ops site` does
        ref = ArticleRef(kind, "article")

        def cast(name: str, voter: str, choice: str, at: int, ref: ArticleRef = ref) -> None:
            meter.calls.clear()
            apply(store, Wish(ref, voter, choice, f"r-{name}", at), patient(), registered_only=False)
            vote = list(meter.calls)
            batch = {ref: [last_state(unmetered, ref, voter)]}
            meter.calls.clear()
            failed = Projection(store, insights, sites, lambda: at + 60).project_batch(batch, patient(), patient())
            assert not failed
            rows.append((f"{ref.site}, {name}", *_sums(vote, list(meter.calls))))

        cast("first vote", "reader-1", ballot.choices[0], START)
        cast("second vote", "reader-2", ballot.choices[-1], START + 60)
        if len(ballot.choices) > 1:
            cast("a change of mind", "reader-2", ballot.choices[0], START + 120)
        cast("first of an hour, settles the one before", "reader-3", ballot.choices[0], START + HOUR)
        cast("next", "reader-4", ballot.choices[0], START + HOUR + 60)
    return rows


def _sums(vote: list[Call], projection: list[Call]) -> tuple[str, str, str]:
    both = (vote, projection)
    writes = [sum(one.write_units for one in calls) for calls in both]
    reads = [sum(one.read_units for one in calls) for calls in both]
    return (
        " + ".join(str(len(calls)) for calls in both),
        " + ".join(f"{units:g}" for units in writes),
        " + ".join(f"{units:g}" for units in reads),
    )
