"""`ops article` registers an article or changes it; `ops articles sync` reads the publisher's own feed.

With a write key, a publisher registers articles over HTTP. Feeds are read every few minutes by themselves.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from chalicelib.errors import InvalidValue, UnknownSite
from chalicelib.publishing.articles import (
    ARTICLE_STATES,
    Article,
    ArticleRef,
    is_time,
    parse_article_id,
    parse_name,
    parse_title,
    parse_url,
)
from chalicelib.publishing.registering import register
from chalicelib.publishing.sites import parse_site_id
from chalicelib.syncing.sync import from_scratch
from ops.target import fail, new_deadline, open_store, open_sync

TIMES = ("opens_at", "closes_at", "published_at")
VOTING = {"state", "opens_at", "closes_at"}  # what a feed never changes


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `article` and `articles`."""
    article = commands.add_parser("article", help="register an article or change it; what is not given stays")
    article.add_argument("site")
    article.add_argument("article")
    article.add_argument("--title")
    article.add_argument("--url")
    article.add_argument("--state", choices=ARTICLE_STATES, help="hidden: not shown to readers, and takes no votes")
    article.add_argument("--opens-at", help="never, now, or a time with its zone")
    article.add_argument("--closes-at", help="never, now, or a time with its zone")
    article.add_argument("--author", help="a name; empty: none")
    article.add_argument("--section", help="a name; empty: none")
    article.add_argument("--image", help="the address of a picture; empty: none")
    article.add_argument("--published-at", help="never, now, or a time with its zone")
    article.set_defaults(run=put_article)
    articles = commands.add_parser("articles", help="what is registered of a site")
    syncing = articles.add_subparsers(required=True, metavar="action").add_parser(
        "sync", help="read the site's feed now, and say what matched"
    )
    syncing.add_argument("site")
    syncing.set_defaults(run=sync_articles)


def put_article(arguments: argparse.Namespace) -> int:
    """Register an article or change it. Options that are not given keep their values, also the closing time."""
    store = open_store(local=arguments.local)
    ref = ArticleRef(parse_site_id(arguments.site), parse_article_id(arguments.article))
    if store.site(ref.site, new_deadline()) is None:
        raise UnknownSite(f"There is no site {ref.site}.")
    now = int(time.time())
    article = store.articles([ref], new_deadline())[0].article
    if article is None:
        if arguments.title is None or arguments.url is None:
            return fail(f"{ref.article} is not registered yet: a new article needs --title and --url.")
        article = Article(ref, "", "")
    given = _given(arguments, now)
    from_feed = article.from_feed and given.keys() <= VOTING  # otherwise the feed would undo what is set here
    article = register(store, replace(article, **given, from_feed=from_feed), now, new_deadline())
    print(f"article {ref.article} of {ref.site}: {article.state}, version {article.version}")
    for name in ("title", "url", "author", "section", "image"):
        if (value := getattr(article, name)) is not None:
            print(f"  {name}: {value}")
    for name in TIMES:
        if (at := getattr(article, name)) is not None:
            print(f"  {name.replace('_', ' ')}: {datetime.fromtimestamp(at, UTC).isoformat()}")
    return 0


def sync_articles(arguments: argparse.Namespace) -> int:
    """Read a site's feed and register what it lists. Exit status 1 if it cannot be read."""
    sync = open_sync(local=arguments.local)
    site_id, now = parse_site_id(arguments.site), int(time.time())
    state = sync.feeds.feed(site_id, new_deadline())
    if state is None:
        return fail(f"there is no site {site_id}, or it has no feed. `site change {site_id} --feed` names one.")
    fetch = sync.fetch(from_scratch(state), now, new_deadline())
    if fetch is None:
        return fail(f"the site {site_id} has just been changed. Run the command again.")
    state = sync.register(fetch, now, new_deadline())
    if state.error is not None:
        print(f"the feed of {site_id} cannot be read: {state.error}")
        return 1
    report = state.report
    print(
        f"the feed of {site_id} lists {report.listed}: {report.registered} new, {report.changed} changed, "
        f"{report.unchanged} unchanged, {report.kept} kept as their publisher put them, {report.skipped} skipped"
    )
    for match in report.matches:
        print(f"  {match.article}  <-  {match.entry}")
    for skipped in report.reasons:
        print(f"  skipped {skipped.entry}: {skipped.reason}")
    return 0


def _given(arguments: argparse.Namespace, now: int) -> dict[str, Any]:
    """The attributes that the command line sets, by name. An empty text removes an attribute."""
    parsers: dict[str, Callable[[str], Any]] = {
        "title": parse_title,
        "url": parse_url,
        "author": lambda raw: parse_name(raw, "author") if raw else None,
        "section": lambda raw: parse_name(raw, "section") if raw else None,
        "image": lambda raw: parse_url(raw, field="image") if raw else None,
        "state": lambda raw: raw,
        **{name: partial(_moment, name.replace("_", "-"), now) for name in TIMES},
    }
    raw = {name: getattr(arguments, name) for name in parsers}
    return {name: parsers[name](value) for name, value in raw.items() if value is not None}


def _moment(option: str, now: int, text: str) -> int | None:
    if text in ("never", "now"):
        return None if text == "never" else now
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise InvalidValue(f"--{option} must be never, now, or a time such as 2026-12-31T18:00:00+01:00.")
    at = int(moment.timestamp())
    if not is_time(at):
        raise InvalidValue(f"--{option} must be between the years 1971 and 9998.")
    return at
