"""Leaderboards, histories and summaries, as JSON and as CSV: for everybody, or for holders of a read key.

Their bodies are loaded by whoever asks first: pages that vote do not wait for them at a cold start (docs/adr/0006).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from chalice.app import Blueprint, Response
from pydantic import BaseModel

from chalicelib.http.csv_text import MEDIA_TYPE, Cell, csv_text
from chalicelib.http.requests import header, values_given
from chalicelib.http.responses import FOR_KEYS, PUBLIC, public_answer, tagged_answer
from chalicelib.http.routing import Call, endpoint
from chalicelib.insights.parameters import board_asked, cursor_after, limit_asked, page_asked, span_asked, wants_csv
from chalicelib.insights.use_cases import article_history, site_history, summary
from chalicelib.publishing.articles import ArticleRef
from chalicelib.publishing.sites import Site

if TYPE_CHECKING:
    from chalicelib.insights.wire import GainBody

routes = Blueprint(__name__)

LEADERBOARD = "/v1/sites/{site}/leaderboard"
ARTICLE_HISTORY = "/v1/sites/{site}/articles/{article}/history"
SITE_HISTORY = "/v1/sites/{site}/history"
SUMMARY = "/v1/sites/{site}/summary"

Rows = Iterable[Sequence[Cell]]


@endpoint(routes, "GET", "/v1/sites")
def read_sites(call: Call) -> Response:
    """The sites whose insights are public"""
    from chalicelib.insights.wire import ListedSiteBody, SitesBody

    sites = call.services.insights.listed_sites(call.deadline)
    body = SitesBody.model_construct(sites=[ListedSiteBody.model_construct(site=site) for site in sites])
    return public_answer(body, header(call.request, "If-None-Match"))


@endpoint(routes, "GET", LEADERBOARD)
def read_leaderboard(call: Call) -> Response:
    """Articles, best first, in an order and a window"""
    from chalicelib.insights.wire import LeaderboardBody

    site = call.readable_site()
    limit = limit_asked(call)
    board, after = page_asked(call, board_asked(call, site))
    page = call.services.insights.leaderboard(board, limit, after, call.deadline)
    body = LeaderboardBody.of(site, board, page.entries, cursor_after(board, page.next))
    choices = site.ballot.choices
    columns = ["article", "title", "url", "value", "gained", *(f"gained_{choice}" for choice in choices), "total"]
    rows = (
        (one.article, one.title, one.url, one.value, one.voters, *one.counts.values(), one.total, one.updated_at)
        for one in body.entries
    )
    more = {} if body.cursor is None else {"Link": f'<?{_next_page(call, body.cursor)}>; rel="next"'}
    return _answer(call, site, body, [*columns, "updated_at"], rows, more)


def _next_page(call: Call, cursor: str) -> str:
    return urlencode(values_given(call.request, "order", "window", "limit") | {"cursor": cursor})


@endpoint(routes, "GET", ARTICLE_HISTORY)
def read_article_history(call: Call) -> Response:
    """An article's counts, hour by hour or day by day"""
    from chalicelib.insights.wire import HistoryBody

    article, site, span = call.article(), call.readable_site(), span_asked(call)
    points = article_history(call.services.insights, ArticleRef(site.id, article), span, call.deadline)
    body = HistoryBody.of(site, article, span, points)
    columns = ["start", "voters", *site.ballot.choices, *_gained_columns(site)]
    rows: Rows = ([one.start, one.voters, *one.counts.values(), *_gained(one.gained)] for one in body.points)
    return _answer(call, site, body, columns, rows)


@endpoint(routes, "GET", SITE_HISTORY)
def read_site_history(call: Call) -> Response:
    """What a site's articles gained, hour by hour or day by day"""
    from chalicelib.insights.wire import SiteHistoryBody

    site, span = call.readable_site(), span_asked(call)
    points = site_history(call.services.insights, site.id, span, call.deadline)
    body = SiteHistoryBody.of(site, span, points)
    rows: Rows = ([one.start, *_gained(one.gained)] for one in body.points)
    return _answer(call, site, body, ["start", *_gained_columns(site)], rows)


@endpoint(routes, "GET", SUMMARY)
def read_summary(call: Call) -> Response:
    """A site at a glance: this hour, today, yesterday, all there is"""
    from chalicelib.insights.wire import SummaryBody

    site = call.readable_site()
    found = summary(call.services.insights, site.id, call.now, call.deadline)
    body = SummaryBody.of(site, found)
    periods = {
        "hour": body.hour,
        "today": body.today,
        "yesterday": body.yesterday,
        "yesterday_by_now": body.yesterday_by_now,
    }
    rows: list[Sequence[Cell]] = [(name, one.start, one.end, *_gained(one.gained)) for name, one in periods.items()]
    rows.append(("total", None, None, *_gained(body.total)))
    return _answer(call, site, body, ["period", "start", "end", *_gained_columns(site)], rows)


for path, view in (
    (LEADERBOARD, read_leaderboard),
    (ARTICLE_HISTORY, read_article_history),
    (SITE_HISTORY, read_site_history),
    (SUMMARY, read_summary),
):
    endpoint(routes, "GET", f"{path}.csv")(view)


def _gained_columns(site: Site) -> list[str]:
    return ["gained", *(f"gained_{choice}" for choice in site.ballot.choices)]


def _gained(gained: GainBody) -> tuple[int, ...]:
    return gained.voters, *gained.counts.values()


def cached_for(site: Site) -> tuple[str, list[str]]:
    """How long a site's insights may be kept, and the request headers that they differ by."""
    return (PUBLIC, []) if site.insights == "public" else (FOR_KEYS, ["Authorization"])


def _answer(
    call: Call, site: Site, body: BaseModel, columns: Sequence[str], rows: Rows, more: Mapping[str, str] | None = None
) -> Response:
    """The body as it is wanted: cached for everybody, or kept by the one who showed a key and asked after each time."""
    caching, varies = cached_for(site)
    headers = {"Vary": ", ".join(["Accept", *varies]), **(more or {})}
    tag = header(call.request, "If-None-Match")
    if wants_csv(call):
        return tagged_answer(csv_text(columns, rows), MEDIA_TYPE, caching, tag, headers)
    return tagged_answer(body.model_dump_json(), "application/json", caching, tag, headers)
