"""The parts of a site's hours."""

from __future__ import annotations

from chalicelib.insights.site_totals import HOUR_PARTS, hour_part


def test_the_articles_of_a_site_are_spread_over_all_parts_of_its_hours() -> None:
    assert {hour_part(f"article-{number}") for number in range(500)} == set(range(HOUR_PARTS))
