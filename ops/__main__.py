"""`python -m ops`: parse the command line, run one command, exit with its status."""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.errors import InvalidValue, UnknownSite, VotingError
from chalicelib.publishing.articles import Article, ArticleRef, parse_article_id, parse_name, parse_title, parse_url
from chalicelib.publishing.sites import parse_site_id
from ops import keys, pepper, recounting, restoring, seeding, sites, token_keys
from ops.seeding import SeedFailed
from ops.target import NoTarget, fail, new_deadline, open_store


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

    sites.add_commands(commands)

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
