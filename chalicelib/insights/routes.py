"""Leaderboards, histories and overviews, as JSON and as CSV. A site decides whether they are for everybody."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from urllib.parse import urlencode

from chalice.app import Response
from pydantic import BaseModel

from chalicelib.errors import (
    InvalidKey,
    InvalidValue,
    MalformedRequest,
    Unavailable,
    UnknownArticle,
    UnknownSite,
    VotingError,
)
from chalicelib.http import csv_text
from chalicelib.http.csv_text import CSV, Cell
from chalicelib.http.descriptions import IF_NONE_MATCH, NOT_MODIFIED, Parameter, json_of, text_of
from chalicelib.http.negotiation import has_csv_address, prefers_csv
from chalicelib.http.requests import Request
from chalicelib.http.responses import PUBLIC, REVALIDATED, tagged_answer
from chalicelib.http.routing import Routes, View
from chalicelib.http.wire import JSON
from chalicelib.insights.cursors import write_cursor
from chalicelib.insights.leaderboard_wire import LeaderboardBody
from chalicelib.insights.parameters import (
    BOARD,
    NEXT_PAGE,
    SELECTION,
    SPAN,
    Asked,
    asked_of,
    board_of,
    limit_of,
    page_of,
    selection_of,
    span_of,
)
from chalicelib.insights.use_cases import Insights
from chalicelib.insights.wire import GainBody, HistoryBody, SiteHistoryBody, SummaryBody
from chalicelib.publishing.parameters import OPTIONAL_KEY, PATH_PARAMETERS, article_id_of
from chalicelib.publishing.sites import Site
from chalicelib.publishing.wire import ArticleFactsBody

routes: Routes[Insights] = Routes("insights", PATH_PARAMETERS)

LEADERBOARD = "/v1/sites/{site}/leaderboard"
READING_INSIGHTS = (MalformedRequest, InvalidKey, UnknownSite, InvalidValue, Unavailable)

Rows = Iterable[Sequence[Cell]]


def json_and_csv(
    path: str,
    model: type[BaseModel],
    parameters: tuple[Parameter, ...],
    problems: tuple[type[VotingError], ...] = READING_INSIGHTS,
) -> Callable[[View[Insights]], View[Insights]]:
    """Declare a view under `path` and, always as CSV, under `path`.csv.

    `path` answers in CSV, too, if `Accept` prefers it. OpenAPI does not say so: clients that are generated from it
    would have to tell two types apart in every answer.
    """

    def declare(view: View[Insights]) -> View[Insights]:
        for address, suffix, content in (
            (path, "", json_of(model)),
            (f"{path}.csv", "Csv", text_of(CSV)),
        ):
            routes.route(
                "GET",
                address,
                suffix=suffix,
                answers={200: content, **NOT_MODIFIED},
                problems=problems,
                parameters=(*parameters, IF_NONE_MATCH),
                security=OPTIONAL_KEY,
            )(view)
        return view

    return declare


@json_and_csv(LEADERBOARD, LeaderboardBody, (*BOARD, *SELECTION, NEXT_PAGE))
def read_leaderboard(request: Request, insights: Insights) -> Response:
    """Articles, best first, in an order and a window"""
    asked = asked_for_board(request, insights)
    site, limit, selection = asked.site, limit_of(request), selection_of(request)
    board, after = page_of(request, site, board_of(request, site), selection)
    page, articles = insights.leaderboard(
        site, board, limit, after, request.deadline, selection, hidden_too=asked.by_publisher
    )
    cursor = None if page.next is None else write_cursor(board, selection, page.next)
    body = LeaderboardBody.of(site, board, page, articles, cursor, counts_shown=asked.shows_counts)
    facts = list(ArticleFactsBody.model_fields)
    columns = [*facts, "value", *_gained_columns(site), "total", "updated_at"]
    rows = (
        (
            *(getattr(one, fact) for fact in facts),
            one.value,
            one.voters,
            *(one.counts or dict.fromkeys(site.ballot.counted)).values(),
            one.total,
            one.updated_at,
        )
        for one in body.entries
    )
    more = {} if cursor is None else {"Link": f'<?{_next_page(request, cursor)}>; rel="next"'}
    return _answer(request, asked, body, columns, rows, more)


def asked_for_board(request: Request, insights: Insights) -> Asked:
    """The site whose leaderboard is asked for. Orders by what readers chose tell of counts; the others do not."""
    return asked_of(request, insights, counts=request.optional_value("order") not in (None, "voters", "rising"))


def _next_page(request: Request, cursor: str) -> str:
    return urlencode(request.values_given("order", "window", "limit", "section", "author") | {"cursor": cursor})


@json_and_csv("/v1/sites/{site}/articles/{article}/history", HistoryBody, SPAN, (*READING_INSIGHTS, UnknownArticle))
def read_article_history(request: Request, insights: Insights) -> Response:
    """An article's counts, hour by hour or day by day"""
    article, asked = article_id_of(request), asked_of(request, insights)
    site, span = asked.site, span_of(request, asked.site)
    points, registered = insights.article_history(site, article, span, request.deadline)
    is_unknown = site.registers_articles if registered is None else registered.state == "hidden"
    if is_unknown and not asked.by_publisher:
        raise UnknownArticle(f"The site {site.id} has no article {article}.", field="article")
    body = HistoryBody.of(site, article, registered, span, points)
    columns = ["start", "voters", *site.ballot.counted, *_gained_columns(site)]
    rows: Rows = ([one.start, one.voters, *one.counts.values(), *_gained(one.gained)] for one in body.points)
    return _answer(request, asked, body, columns, rows)


@json_and_csv("/v1/sites/{site}/history", SiteHistoryBody, SPAN)
def read_site_history(request: Request, insights: Insights) -> Response:
    """What a site's articles gained together, hour by hour or day by day"""
    asked = asked_of(request, insights)
    site, span = asked.site, span_of(request, asked.site)
    body = SiteHistoryBody.of(site, span, insights.site_history(site, span, request.deadline))
    rows: Rows = ([one.start, *_gained(one.gained)] for one in body.points)
    return _answer(request, asked, body, ["start", *_gained_columns(site)], rows)


@json_and_csv("/v1/sites/{site}/summary", SummaryBody, ())
def read_summary(request: Request, insights: Insights) -> Response:
    """A site at a glance: this hour, today, yesterday, and all time"""
    asked = asked_of(request, insights)
    site = asked.site
    body = SummaryBody.of(site, insights.overview(site, request.at, request.deadline))
    periods = {
        "hour": body.hour,
        "today": body.today,
        "yesterday": body.yesterday,
        "yesterday_by_now": body.yesterday_by_now,
    }
    rows: list[Sequence[Cell]] = [(name, one.start, one.end, *_gained(one.gained)) for name, one in periods.items()]
    rows.append(("total", None, None, *_gained(body.total)))
    return _answer(request, asked, body, ["period", "start", "end", *_gained_columns(site)], rows)


def _gained_columns(site: Site) -> list[str]:
    return ["gained", *(f"gained_{choice}" for choice in site.ballot.counted)]


def _gained(gained: GainBody) -> tuple[int, ...]:
    return gained.voters, *gained.counts.values()


def cached_for(asked: Asked) -> tuple[str, list[str]]:
    """The Cache-Control of a site's insights, and the request headers that they depend on."""
    return (REVALIDATED, ["Authorization"]) if asked.by_publisher else (PUBLIC, [])


def _answer(
    request: Request,
    asked: Asked,
    body: BaseModel,
    columns: Sequence[str],
    rows: Rows,
    more: Mapping[str, str] | None = None,
) -> Response:
    """The body as JSON or CSV.

    CSV on the address of the JSON is private. A cache that ignores `Vary` would give it to the next reader.
    """
    caching, varies = cached_for(asked)
    if has_csv_address(request):
        varying = {"Vary": ", ".join(varies)} if varies else {}
        return tagged_answer(
            request, csv_text.write(columns, rows), csv_text.MEDIA_TYPE, caching, {**varying, **(more or {})}
        )
    headers = {"Vary": ", ".join(["Accept", *varies]), **(more or {})}
    if prefers_csv(request):
        return tagged_answer(request, csv_text.write(columns, rows), csv_text.MEDIA_TYPE, REVALIDATED, headers)
    return tagged_answer(request, body.model_dump_json(), JSON, caching, headers)
