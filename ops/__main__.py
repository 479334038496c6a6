"""`python -m ops`: parse the command line, run one command, exit with its status."""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.errors import InvalidValue, UnknownSite, VotingError
from chalicelib.insights import items, settling
from chalicelib.publishing.articles import Article, ArticleRef, parse_article_id, parse_name, parse_title, parse_url
from chalicelib.publishing.ballots import KINDS, make_ballot
from chalicelib.publishing.site_directory import REMEMBER_SECONDS
from chalicelib.publishing.sites import Site, parse_origin, parse_site_id, parse_star_prior, parse_time_zone
from ops import keys, pepper, recounting, restoring, seeding, token_keys
from ops.seeding import SeedFailed
from ops.target import NoTarget, fail, new_deadline, open_insights, open_store


def put_site(arguments: argparse.Namespace) -> int:
    """Create a site or change it. Options that are not given keep their values. No choice of a ballot is removed."""
    store = open_store(local=arguments.local)
    site_id = parse_site_id(arguments.site)
    before = store.site(site_id, new_deadline())
    if before is None and arguments.ballot is None:
        return fail(f"there is no site {site_id} yet: a new one needs --ballot.")
    site = before or Site(site_id, make_ballot("like"))
    if arguments.ballot is not None:
        choices = arguments.choices.split(",") if arguments.choices else []
        site = replace(site, ballot=make_ballot(arguments.ballot, choices))
    elif arguments.choices is not None:
        site = replace(site, ballot=make_ballot(site.ballot.kind, arguments.choices.split(",")))
    if before is not None and not set(before.ballot.choices) <= set(site.ballot.choices):
        lost = ", ".join(sorted(set(before.ballot.choices) - set(site.ballot.choices)))
        return fail(f"{site.id} may have votes for {lost}. Choices can be added but not removed.")
    site = _with_settings(site, arguments)
    store.put_site(site, new_deadline())
    if before is None or items.edition(before) != items.edition(site):
        settling.begin(open_insights(local=arguments.local), site, int(time.time()), new_deadline())
    print(f"site {site.id}: {site.ballot.kind} ({', '.join(site.ballot.choices)})")
    print(f"  in force within {REMEMBER_SECONDS:.0f} s")
    print(f"  pages that may vote: {', '.join(site.origins) or 'any'}")
    print(f"  articles: {'only registered ones' if site.registers_articles else 'any'}")
    print(f"  insights: {'for everybody' if site.insights == 'public' else 'for holders of a read key'}")
    print(f"  leaderboards: {'registered articles' if site.ranks == 'registered' else 'any article with votes'}")
    print(f"  days, weeks and months: in the time zone {site.time_zone}")
    if site.ballot.kind == "stars":
        prior = site.star_prior
        print(f"  stars are ranked as if {prior.weight:g} more readers had given {prior.mean:g} on average")
    if before is not None and items.edition(before) != items.edition(site):
        local = "--local " if arguments.local else ""
        print("  these settings have leaderboards and totals of their own; to bring them up to date,")
        print(f"  wait for {REMEMBER_SECONDS:.0f} s and run: python -m ops {local}project --site {site.id}")
    return 0


def _with_settings(site: Site, arguments: argparse.Namespace) -> Site:
    if arguments.origins is not None:
        listed = [] if arguments.origins == "any" else arguments.origins.split(",")
        site = replace(site, origins=tuple(parse_origin(origin) for origin in listed))
    if arguments.articles is not None:
        site = replace(site, registers_articles=arguments.articles == "registered")
    if arguments.insights is not None:
        site = replace(site, insights=arguments.insights)
    if arguments.ranks is not None:
        site = replace(site, ranks=arguments.ranks)
    if arguments.star_prior is not None:
        site = replace(site, star_prior=parse_star_prior(arguments.star_prior))
    if arguments.time_zone is not None:
        site = replace(site, time_zone=parse_time_zone(arguments.time_zone))
    return site


def put_article(arguments: argparse.Namespace) -> int:
    """Register an article or change it. Options that are not given keep their values, also the closing time."""
    store = open_store(local=arguments.local)
    ref = ArticleRef(parse_site_id(arguments.site), parse_article_id(arguments.article))
    if store.site(ref.site, new_deadline()) is None:
        raise UnknownSite(f"There is no site {ref.site}.")
    now = int(time.time())
    article = store.article(ref, new_deadline())
    if article is None:
        if arguments.title is None or arguments.url is None:
            return fail(f"{ref.article} is not registered yet: a new article needs --title and --url.")
        article = Article(ref, arguments.title, arguments.url)
    article = replace(article, title=parse_title(article.title if arguments.title is None else arguments.title))
    article = replace(article, url=parse_url(article.url if arguments.url is None else arguments.url))
    if arguments.closes_at is not None:
        article = replace(article, closes_at=_moment(arguments.closes_at, "closes-at", now))
    if arguments.published_at is not None:
        article = replace(article, published_at=_moment(arguments.published_at, "published-at", now))
    if arguments.author is not None:
        article = replace(article, author=parse_name(arguments.author, "author") if arguments.author else None)
    if arguments.section is not None:
        article = replace(article, section=parse_name(arguments.section, "section") if arguments.section else None)
    if arguments.image is not None:
        article = replace(article, image=parse_url(arguments.image, field="image") if arguments.image else None)
    store.put_article(article, now, new_deadline())
    closes = None if article.closes_at is None else datetime.fromtimestamp(article.closes_at, UTC).isoformat()
    print(f"article {ref.article} of {ref.site}: {'open' if closes is None else f'closes at {closes}'}")
    for name in ("title", "url", "author", "section", "image"):
        if (value := getattr(article, name)) is not None:
            print(f"  {name}: {value}")
    if article.published_at is not None:
        print(f"  published at: {datetime.fromtimestamp(article.published_at, UTC).isoformat()}")
    return 0


def _moment(text: str, option: str, now: int) -> int | None:
    if text in ("never", "now"):
        return None if text == "never" else now
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise InvalidValue(f"--{option} must be never, now, or a time such as 2026-12-31T18:00:00+01:00.")
    if not 1970 < moment.year < 9999:
        raise InvalidValue(f"--{option} must be between the years 1971 and 9998.")
    return int(moment.timestamp())


def build_parser() -> argparse.ArgumentParser:
    """Every command, with its help."""
    parser = argparse.ArgumentParser(prog="python -m ops", description="Article Votes for operators.")
    parser.add_argument("--local", action="store_true", help="work on the stack of `make run`")
    commands = parser.add_subparsers(required=True, metavar="command")

    site = commands.add_parser("site", help="create a site or change it; what is not given stays")
    site.add_argument("site")
    site.add_argument("--ballot", choices=KINDS)
    site.add_argument("--choices", help="for reactions: 2 to 12, separated by commas")
    site.add_argument("--origins", help="page origins that may vote, separated by commas, or: any")
    site.add_argument("--articles", choices=("any", "registered"), help="which articles take votes")
    site.add_argument("--insights", choices=("public", "private"), help="who may read leaderboards and histories")
    site.add_argument("--ranks", choices=("registered", "any"), help="which articles leaderboards and totals are of")
    site.add_argument("--star-prior", help="how stars are ranked before there are votes: a mean and its weight, 3.4:20")
    site.add_argument("--time-zone", help="where the site's days begin, such as Europe/Berlin (UTC if not given)")
    site.set_defaults(run=put_site)

    article = commands.add_parser("article", help="register an article or change it; what is not given stays")
    article.add_argument("site")
    article.add_argument("article")
    article.add_argument("--title")
    article.add_argument("--url")
    article.add_argument("--closes-at", help="never, now, or a time with its zone")
    article.add_argument("--author", help="a name; empty: none")
    article.add_argument("--section", help="a name; empty: none")
    article.add_argument("--image", help="the address of a picture; empty: none")
    article.add_argument("--published-at", help="never, now, or a time with its zone")
    article.set_defaults(run=put_article)

    keys.add_commands(commands)
    pepper.add_commands(commands)
    token_keys.add_commands(commands)

    recount = commands.add_parser("recount", help="count the stored votes again and compare; exit status 1 on drift")
    recount.add_argument("--site")
    recount.add_argument("--article", help="needs --site")
    recount.add_argument("--repair", action="store_true", help="set drifted counts to what was counted")
    recount.set_defaults(run=recounting.run)

    restored = commands.add_parser("restore-check", help="is a restored table complete, and does it fit the secrets?")
    restored.set_defaults(run=restoring.run)

    project = commands.add_parser("project", help="derive projected tallies, histories, leaderboards and totals again")
    project.add_argument("--site")
    project.set_defaults(run=recounting.run_projection)

    seed = commands.add_parser("seed", help="cast votes through the API, for demos and load")
    seed.add_argument("api", help="what /v1/... is appended to")
    seed.add_argument("site")
    seed.add_argument("article")
    seed.add_argument("--votes", type=int, default=132)
    seed.set_defaults(run=seeding.run)
    return parser


def main() -> int:
    """The exit status: 0 success, 1 drift is left, 2 the command failed."""
    arguments = build_parser().parse_args()
    try:
        return int(arguments.run(arguments))
    except (NoTarget, VotingError, SeedFailed, BotoCoreError, ClientError) as error:
        return fail(str(error))


if __name__ == "__main__":
    sys.exit(main())
