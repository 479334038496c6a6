"""The API's description, made from the pydantic models: OpenAPI 3.1.

One row per operation. Which problems an operation can answer is part of the contract, so it stands here in full;
a test holds this table against the routes of the app.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from chalicelib.errors import VotingError
from chalicelib.insights import wire as insight_schemas
from chalicelib.insights.leaderboards import EVERY_ORDER, WINDOWS
from chalicelib.insights.parameters import CURSOR, ENTRIES, MOMENT, MOST_ENTRIES, MOST_POINTS, STEPS
from chalicelib.insights.routes import ARTICLE_HISTORY, LEADERBOARD, SITE_HISTORY, SUMMARY
from chalicelib.pages.embeds import LAYOUTS, PIXELS
from chalicelib.pages.pictures import LANGUAGE_TAG, NOUNS, THEMES
from chalicelib.publishing.articles import ARTICLE_ID, MOST_ARTICLES_PER_REQUEST
from chalicelib.publishing.sites import SITE_ID
from chalicelib.voting import wire as schemas

VERSION = "1.0.0"
ARTICLE_PATTERN = ARTICLE_ID.pattern
REF = "#/components/schemas/{model}"


@dataclass(frozen=True)
class Header:
    """A request header that an operation looks at."""

    name: str
    description: str
    schema: dict[str, Any]


@dataclass(frozen=True)
class Query:
    """A query parameter."""

    name: str
    description: str
    schema: dict[str, Any]
    required: bool = False


@dataclass(frozen=True)
class Operation:
    """One method on one path: its answers by status, and the statuses of the problems it can answer.

    An answer is a model, or the media types of texts, or None where there is no body. `also_csv`: an answer that is a
    model comes as CSV, too, if `Accept` prefers it. `key`: a read key may be needed.
    """

    method: str
    path: str
    id: str
    summary: str
    answers: dict[int, type[BaseModel] | tuple[str, ...] | None]
    problems: tuple[int, ...]
    private: bool = False
    body: type[BaseModel] | None = None
    headers: tuple[Header, ...] = ()
    query: tuple[Query, ...] = ()
    key: bool = False
    also_csv: bool = False
    media: str = "application/json"


ENTITY_TAGS = {"type": "string", "pattern": r'^(\*|(W/)?"[!#-~]*"(, ?(W/)?"[!#-~]*"){0,7})$', "examples": ['"3"', "*"]}
ORDERED = (
    Header("If-Match", "Only if the vote is at one of these versions, or `*`: stored at all.", ENTITY_TAGS),
    Header("If-None-Match", "Only if the vote is at none of these versions, or `*`: not stored.", ENTITY_TAGS),
    Header(
        "Idempotency-Key",
        "A UUID per wish. A repeat is recognised and answers 200.",
        {"type": "string", "format": "uuid", "examples": ["0d9e8c1e-5c0f-4c3e-9d5f-2b6a7c1f0e11"]},
    ),
)
KNOWN = (Header("If-None-Match", "The `ETag` that the caller has; 304 if nothing changed.", {"type": "string"}),)
ARTICLES = Query(
    "articles", "Article ids, separated by commas.",
    {"type": "string", "pattern": f"^{ARTICLE_PATTERN}(,{ARTICLE_PATTERN}){{0,{MOST_ARTICLES_PER_REQUEST - 1}}}$"},
    True,
)  # fmt: skip
LANGUAGE = Query(
    "lang", "The language of the words; English where it is not spoken.",
    {"type": "string", "pattern": f"^{LANGUAGE_TAG.pattern}$", "examples": ["de", "pt-BR"]},
)  # fmt: skip
NOUN = Query("noun", "What voters are called.", {"type": "string", "enum": list(NOUNS)})
LAYOUT = Query(
    "layout", "How the choices look; by default as the ballot wants.", {"type": "string", "enum": list(LAYOUTS)}
)
THEME = Query("theme", "The colours of the text.", {"type": "string", "enum": list(THEMES)})
FILES = ("text/javascript", "text/css", "application/json", "text/plain")
CSV = "text/csv"
ORDER = Query(
    "order", "What articles are ranked by; which orders there are depends on the site's ballot. By default `voters`.",
    {"type": "string", "enum": list(EVERY_ORDER)},
)  # fmt: skip
WINDOW = Query(
    "window", "Which votes count: those of this hour, day, week or month of UTC, or all. By default `day`.",
    {"type": "string", "enum": list(WINDOWS)},
)  # fmt: skip
AGO = Query(
    "ago", "How many windows back: with `window=day`, 1 is yesterday.",
    {"type": "string", "pattern": "^(0|[1-9][0-9]{0,3})$", "examples": ["1"]},
)  # fmt: skip
LIMIT = Query(
    "limit", f"How many entries, at most {MOST_ENTRIES}; by default {ENTRIES}.",
    {"type": "string", "pattern": "^([1-9][0-9]?|100)$"},
)  # fmt: skip
CURSOR_ASKED = Query("cursor", "The `cursor` of the page before.", {"type": "string", "pattern": f"^{CURSOR.pattern}$"})
MOMENT_SCHEMA = {"type": "string", "pattern": f"^{MOMENT.pattern}$", "examples": ["2026-01-31", "2026-01-31T12:00:00Z"]}
SPAN = (
    Query(
        "step", "Hours are kept for 60 days, days for ever. By default `hour`.", {"type": "string", "enum": list(STEPS)}
    ),
    Query("since", f"From this hour or day on; at most {MOST_POINTS} of them at a time.", MOMENT_SCHEMA),
    Query("until", "Before this time; by default, and at the latest, now.", MOMENT_SCHEMA),
)
BOARD = (ORDER, WINDOW, AGO, LIMIT)
VOTE = "/v1/sites/{site}/articles/{article}/vote"
INSIGHT_PROBLEMS = (400, 401, 404, 422, 503)


def _insight(
    path: str, name: str, summary: str, model: type[BaseModel], query: tuple[Query, ...]
) -> tuple[Operation, Operation]:
    """An insight under its plain address and, always as CSV, under the one that ends in .csv."""
    plain = Operation(
        "get", path, f"read{name}", summary, {200: model, 304: None}, INSIGHT_PROBLEMS,
        headers=KNOWN, query=query, key=True, also_csv=True,
    )  # fmt: skip
    text = replace(
        plain, path=f"{path}.csv", id=f"{plain.id}Csv", summary=f"{summary}, as CSV", answers={200: (CSV,), 304: None},
        also_csv=False,
    )  # fmt: skip
    return plain, text


OPERATIONS = (
    Operation(
        "get", "/v1/sites/{site}/articles/{article}/tally", "readTally", "The exact tally of one article",
        {200: schemas.TallyBody, 304: None}, (400, 404, 422, 503), headers=KNOWN,
    ),
    Operation(
        "get", "/v1/sites/{site}/tallies", "readTallies", "The tallies of up to 100 articles, about a second behind",
        {200: schemas.TalliesBody, 304: None}, (400, 404, 422, 503), headers=KNOWN, query=(ARTICLES,),
    ),
    Operation(
        "post", "/v1/sites/{site}/voters", "createVoter", "A new voter token, for a reader's first click",
        {201: schemas.VoterBody}, (400, 403, 404, 413, 422, 503),
    ),
    Operation(
        "put", VOTE, "putVote", "Make the reader's vote the given choice",
        {200: schemas.SetVoteBody, 201: schemas.SetVoteBody}, (400, 401, 403, 404, 409, 412, 413, 415, 422, 503),
        private=True, body=schemas.VoteRequest, headers=ORDERED,
    ),
    Operation(
        "delete", VOTE, "deleteVote", "Retract the reader's vote",
        {200: schemas.SetVoteBody}, (400, 401, 403, 404, 409, 412, 413, 422, 503), private=True, headers=ORDERED,
    ),
    Operation(
        "get", VOTE, "readVote", "The reader's vote on one article",
        {200: schemas.MyVoteBody}, (400, 401, 404, 422, 503), private=True,
    ),
    Operation(
        "get", "/v1/sites/{site}/votes", "readVotes", "The reader's votes on up to 100 articles",
        {200: schemas.VotesBody}, (400, 401, 404, 422, 503), private=True, query=(ARTICLES,),
    ),
    Operation("get", "/v1/health", "readHealth", "Whether the table answers", {200: schemas.HealthBody}, (503,)),
    Operation("get", "/openapi.json", "readOpenapi", "This description", {200: ("application/json",)}, ()),
    Operation(
        "get", "/v1/sites/{site}/articles/{article}/tally.svg", "readPicture", "The line as a picture",
        {200: ("image/svg+xml",), 304: None}, (400, 404, 422, 503), headers=KNOWN, query=(LANGUAGE, NOUN, THEME),
    ),
    Operation(
        "get", "/v1/sites/{site}/articles/{article}/embed", "readEmbed", "A page with the element, for an iframe",
        {200: ("text/html",), 304: None}, (400, 404, 422, 503), headers=KNOWN, query=(LANGUAGE, NOUN, LAYOUT, THEME),
    ),
    Operation(
        "get", "/oembed", "readOembed", "The iframe for the address of an embed page (oembed.com)",
        {200: schemas.EmbedBody, 304: None}, (400, 404, 422, 501, 503), headers=KNOWN,
        query=(
            Query("url", "The address of an embed page of this API.", {"type": "string", "format": "uri"}, True),
            Query("maxwidth", "In CSS pixels.", {"type": "string", "pattern": f"^{PIXELS.pattern}$"}),
            Query("maxheight", "In CSS pixels.", {"type": "string", "pattern": f"^{PIXELS.pattern}$"}),
            Query("format", "json is the only one.", {"type": "string", "enum": ["json"]}),
        ),
    ),
    Operation(
        "get", "/embed/v1", "readScripts", "The tags to paste: the short name, and the pinned one with its hash",
        {200: schemas.ScriptsBody, 304: None}, (400,), headers=KNOWN,
    ),
    Operation(
        "get", "/embed/v1/{file}", "readScript", "A script, its map, its types, or its style sheet",
        {200: FILES, 304: None}, (400, 404), headers=KNOWN,
    ),
    Operation(
        "get", "/embed/v1/source/{file}", "readSource", "A readable module that the script is made of",
        {200: FILES, 304: None}, (400, 404), headers=KNOWN,
    ),
    Operation(
        "get", "/embed/v1/words/{file}", "readWords", "The words of a language; English where there are none",
        {200: ("application/json",), 304: None}, (400, 404), headers=KNOWN,
    ),
    Operation(
        "get", "/v1/sites", "readSites", "The sites whose insights are public",
        {200: insight_schemas.SitesBody, 304: None}, (400, 503), headers=KNOWN,
    ),
    Operation(
        "get", "/dashboard", "readDashboard", "The page that shows a site's insights",
        {200: ("text/html",), 304: None}, (400,), headers=KNOWN,
    ),
    Operation(
        "get", "/dashboard/{file}", "readDashboardFile", "The dashboard's script, its style sheet, its words",
        {200: FILES, 304: None}, (400, 404), headers=KNOWN,
    ),
    *_insight(
        LEADERBOARD, "Leaderboard", "Articles, best first, in an order and a window", insight_schemas.LeaderboardBody,
        (*BOARD, CURSOR_ASKED),
    ),
    *_insight(
        ARTICLE_HISTORY, "ArticleHistory", "An article's counts, hour by hour or day by day",
        insight_schemas.HistoryBody, SPAN,
    ),
    *_insight(
        SITE_HISTORY, "SiteHistory", "What a site's articles gained, hour by hour or day by day",
        insight_schemas.SiteHistoryBody, SPAN,
    ),
    *_insight(SUMMARY, "Summary", "A site at a glance: this hour, today, all", insight_schemas.SummaryBody, ()),
    Operation(
        "get", f"{LEADERBOARD}.atom", "readAtomFeed", "The leaderboard as an Atom feed",
        {200: ("application/atom+xml",), 304: None}, INSIGHT_PROBLEMS, headers=KNOWN, query=BOARD, key=True,
    ),
    Operation(
        "get", f"{LEADERBOARD}.feed.json", "readJsonFeed", "The leaderboard as a JSON feed",
        {200: insight_schemas.FeedBody, 304: None}, INSIGHT_PROBLEMS, headers=KNOWN, query=BOARD, key=True,
        media="application/feed+json",
    ),
)  # fmt: skip


@cache
def document() -> str:
    """The whole description as JSON text."""
    models = {answer for one in OPERATIONS for answer in one.answers.values() if isinstance(answer, type)}
    models |= {schemas.ProblemBody, schemas.VoteRequest}
    _, definitions = models_json_schema(
        [(model, "serialization") for model in sorted(models, key=lambda model: model.__name__)], ref_template=REF
    )
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method] = _operation(operation)
    return json.dumps(
        {
            "openapi": "3.1.0",
            "info": {
                "title": "Article Votes",
                "version": VERSION,
                "description": "Counts every vote exactly once. Errors are problems (RFC 9457).",
                "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            },
            "servers": [{"url": "."}],
            "paths": paths,
            "components": {
                "schemas": definitions["$defs"],
                "securitySchemes": {
                    "voter": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
                    "readKey": {"type": "http", "scheme": "bearer", "description": "For sites with private insights."},
                },
            },
        }
    )


def _operation(operation: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation.id,
        "summary": operation.summary,
        "parameters": _parameters(operation),
        "responses": {str(status): _answer(model, operation.media) for status, model in operation.answers.items()},
    }
    if operation.also_csv:
        described["responses"]["200"]["content"][CSV] = {"schema": _text_schema(CSV)}
    for status in operation.problems:
        described["responses"][str(status)] = _problem(status)
    if operation.body is not None:
        described["requestBody"] = {"required": True, "content": {"application/json": _schema(operation.body)}}
    if operation.private:
        described["security"] = [{"voter": []}]
    elif operation.key:
        described["security"] = [{}, {"readKey": []}]
    return described


def _parameters(operation: Operation) -> list[dict[str, Any]]:
    parameters = []
    for name, pattern, example in (
        ("site", SITE_ID.pattern, "demo"),
        ("article", ARTICLE_PATTERN, "a-1"),
        ("file", "[A-Za-z0-9._-]{1,80}", "article-vote.js"),
    ):
        if f"{{{name}}}" in operation.path:
            schema = {"type": "string", "pattern": f"^{pattern}$"}
            parameters.append({"name": name, "in": "path", "required": True, "schema": schema, "example": example})
    parameters += [{"in": "query", **asdict(query)} for query in operation.query]
    for header in operation.headers:
        parameters.append({"in": "header", "required": False, **asdict(header)})
    return parameters


def _answer(model: type[BaseModel] | tuple[str, ...] | None, media: str) -> dict[str, Any]:
    if model is None:
        return {"description": "Nothing has changed; no body."}
    if isinstance(model, tuple):
        return {"description": "The text.", "content": {media: {"schema": _text_schema(media)} for media in model}}
    return {"description": (model.__doc__ or "").strip(), "content": {media: _schema(model)}}


def _text_schema(media_type: str) -> dict[str, Any]:
    return {} if media_type == "application/json" else {"type": "string"}


def _problem(status: int) -> dict[str, Any]:
    kinds = sorted(kind.code for kind in _every_error() if kind.status == status)
    return {
        "description": f"Code {' or '.join(kinds)}.",
        "content": {"application/problem+json": _schema(schemas.ProblemBody)},
    }


def _every_error() -> list[type[VotingError]]:
    return VotingError.__subclasses__()


def _schema(model: type[BaseModel]) -> dict[str, Any]:
    return {"schema": {"$ref": REF.format(model=model.__name__)}}
