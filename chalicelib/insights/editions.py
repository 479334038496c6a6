"""Editions: a site with the settings that decide which read models are stored for it.

A change of such a setting begins another edition, with lists and totals of its own. The old ones stay as they are.
"""

from __future__ import annotations

from chalicelib.publishing.sites import Site


def edition(site: Site) -> str:
    """The site and its settings that decide what is stored: its time zone and, for stars, how they are ranked."""
    if site.ballot.kind != "stars":
        return f"{site.id}#{site.time_zone}"
    mean, weight = (f"{one:.4f}".rstrip("0").rstrip(".") for one in (site.star_prior.mean, site.star_prior.weight))
    return f"{site.id}#{site.time_zone}#{mean}:{weight}"
