"""`ops site`: create a site and give its publisher the first admin key; change its settings."""

from __future__ import annotations

import argparse
import time
from dataclasses import replace

from chalicelib.errors import UnknownSite
from chalicelib.insights.editions import edition
from chalicelib.insights.settling import begin_if_new
from chalicelib.publishing.ballots import KINDS, make_ballot
from chalicelib.publishing.site_directory import REMEMBER_SECONDS
from chalicelib.publishing.site_feeds import IDS, SiteFeed, make_feed
from chalicelib.publishing.sites import (
    NOUNS,
    RESULTS,
    Site,
    parse_budget,
    parse_language,
    parse_origin,
    parse_site_id,
    parse_star_prior,
    parse_time_zone,
    succeed_site,
)
from ops.keys import new_key
from ops.target import fail, new_deadline, open_insights, open_store


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `site create` and `site change`."""
    site = commands.add_parser("site", help="sites and their settings")
    actions = site.add_subparsers(required=True, metavar="action")
    creating = actions.add_parser("create", help="create a site, and print its first admin key, once")
    creating.set_defaults(run=create_site)
    changing = actions.add_parser("change", help="change a site; what is not given stays")
    changing.set_defaults(run=change_site)
    for action in (creating, changing):
        action.add_argument("site")
        action.add_argument("--ballot", choices=KINDS, help="a new site without it gets updown")
        action.add_argument("--choices", help="for reactions: 2 to 12, separated by commas")
        action.add_argument("--origins", help="origins whose pages may vote, separated by commas, or: any")
        action.add_argument("--articles", choices=("any", "registered"), help="which articles take votes")
        action.add_argument("--insights", choices=("public", "private"), help="who may read leaderboards and histories")
        action.add_argument("--ranks", choices=("registered", "any"), help="which articles are on leaderboards")
        action.add_argument("--results", choices=RESULTS, help="when everybody may see the counts of an article")
        action.add_argument("--noun", choices=NOUNS, help="what the page calls those who vote")
        action.add_argument("--language", help="that of the articles, such as de or pt-BR (en if not given)")
        action.add_argument("--star-prior", help="how stars are ranked before there are votes: mean:weight, 3.4:20")
        action.add_argument("--new-voters", help="of one address and hour: free, and the most; 60:3000 if not given")
        action.add_argument("--feed", help="the https address of the publisher's own feed, or: none")
        action.add_argument("--feed-ids", choices=IDS, help="what article ids are made of (last_segment if not given)")
        action.add_argument("--feed-pattern", help="for pattern: a regular expression with one group")
        action.add_argument("--time-zone", help="where the site's days begin, such as Europe/Berlin (UTC if not given)")


def create_site(arguments: argparse.Namespace) -> int:
    """Create a site and print its first admin key."""
    store = open_store(local=arguments.local)
    site_id = parse_site_id(arguments.site)
    if store.site(site_id, new_deadline()) is not None:
        return fail(f"there is a site {site_id} already. `site change` changes it.")
    site = replace(_with_settings(Site(site_id, make_ballot("updown")), arguments), version=1)
    begin_if_new(open_insights(local=arguments.local), None, site, int(time.time()), new_deadline())
    if not store.put_site(site, new_deadline(), read_version=0):
        return fail(f"somebody else has just created the site {site_id}.")
    _print_settings(site)
    new_key(arguments, site_id, "the first admin key", "admin")
    return 0


def change_site(arguments: argparse.Namespace) -> int:
    """Change a site. Options that are not given keep their values. Choices that are taken off are retired."""
    store = open_store(local=arguments.local)
    site_id = parse_site_id(arguments.site)
    before = store.site(site_id, new_deadline(), consistent=True)
    if before is None:
        raise UnknownSite(f"There is no site {site_id}. `site create` creates it.")
    site = succeed_site(before, _with_settings(before, arguments))
    begin_if_new(open_insights(local=arguments.local), before, site, int(time.time()), new_deadline())
    if site != before and not store.put_site(site, new_deadline(), read_version=before.version):
        return fail(f"somebody else has just changed the site {site_id}. Run the command again.")
    _print_settings(site)
    print(f"  in force within {REMEMBER_SECONDS:.0f} s")
    if edition(before) != edition(site):
        local = "--local " if arguments.local else ""
        print("  these settings have leaderboards and totals of their own; to bring them up to date,")
        print(f"  wait for {REMEMBER_SECONDS:.0f} s and run: python -m ops {local}project --site {site.id}")
    return 0


def _print_settings(site: Site) -> None:
    retired = f"; retired: {', '.join(site.ballot.retired)}" if site.ballot.retired else ""
    print(f"site {site.id}: {site.ballot.kind} ({', '.join(site.ballot.choices)}{retired})")
    print(f"  pages that may vote: {', '.join(site.origins) or 'any'}")
    print(f"  articles: {'only registered ones' if site.registers_articles else 'any'}")
    print(f"  insights: {'for everybody' if site.insights == 'public' else 'for holders of a key'}")
    print(f"  leaderboards: {'registered articles' if site.ranks == 'registered' else 'any article with votes'}")
    print(f"  results: {site.results.replace('_', ' ')}; voters are called {site.noun}; language: {site.language}")
    budget = site.new_voters
    print(f"  new voters of one address: {budget.free:,} an hour are free, {budget.most:,} are the most")
    if site.feed is not None:
        print(f"  feed: {site.feed.url}; article ids: {site.feed.pattern or site.feed.ids}")
    print(f"  days, weeks and months: in the time zone {site.time_zone}")
    if site.ballot.kind == "stars":
        prior = site.star_prior
        print(f"  stars are ranked as if {prior.weight:g} more readers had given {prior.mean:g} on average")


def _with_settings(site: Site, arguments: argparse.Namespace) -> Site:
    if arguments.ballot is not None or arguments.choices is not None:
        choices = arguments.choices.split(",") if arguments.choices else []
        site = replace(site, ballot=make_ballot(arguments.ballot or site.ballot.kind, choices))
    if arguments.origins is not None:
        listed = [] if arguments.origins == "any" else arguments.origins.split(",")
        site = replace(site, origins=tuple(parse_origin(origin) for origin in listed))
    if arguments.articles is not None:
        site = replace(site, registers_articles=arguments.articles == "registered")
    if arguments.star_prior is not None:
        site = replace(site, star_prior=parse_star_prior(arguments.star_prior))
    if arguments.new_voters is not None:
        site = replace(site, new_voters=parse_budget(arguments.new_voters))
    if arguments.language is not None:
        site = replace(site, language=parse_language(arguments.language))
    if arguments.time_zone is not None:
        site = replace(site, time_zone=parse_time_zone(arguments.time_zone))
    if arguments.feed is not None or arguments.feed_ids is not None or arguments.feed_pattern is not None:
        site = replace(site, feed=_feed(site.feed, arguments))
    as_given = {name: getattr(arguments, name) for name in ("insights", "ranks", "results", "noun")}
    return replace(site, **{name: value for name, value in as_given.items() if value is not None})


def _feed(before: SiteFeed | None, arguments: argparse.Namespace) -> SiteFeed | None:
    """The feed that the command line names, or the one of before with another rule for ids."""
    if arguments.feed == "none":
        return None
    url = arguments.feed or (before.url if before else "")
    ids = arguments.feed_ids or ("pattern" if arguments.feed_pattern else before.ids if before else "last_segment")
    same = before.pattern if before and arguments.feed_pattern is None and ids == "pattern" else None
    return make_feed(url, ids, arguments.feed_pattern or same)
