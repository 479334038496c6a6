"""Editions: a site with the settings that decide which read models are stored for it.

A change of such a setting begins another edition, with lists and totals of its own. The old ones stay as they are.
"""

from __future__ import annotations

from chalicelib.publishing.sites import Site


def edition(site: Site) -> str:
    """The site and what decides which read models are stored: kind of ballot, time zone, and how stars are ranked."""
    made_for = f"{site.id}#{site.ballot.kind}#{site.time_zone}"
    if site.ballot.kind != "stars":
        return made_for
    mean, weight = (f"{one:.4f}".rstrip("0").rstrip(".") for one in (site.star_prior.mean, site.star_prior.weight))
    return f"{made_for}#{mean}:{weight}"
