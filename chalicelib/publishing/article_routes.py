"""Articles, as their publisher registers, opens, closes, hides and removes them: one by one, or in bulk."""

from __future__ import annotations

from chalice.app import Response

from chalicelib.errors import (
    ArticleMoved,
    BodyTooLarge,
    InvalidValue,
    PreconditionFailed,
    UnknownArticle,
    UnsupportedMediaType,
    VotingError,
)
from chalicelib.http.bodies import check_body_size, json_body, ndjson_lines, parse_json
from chalicelib.http.descriptions import json_of
from chalicelib.http.preconditions import IDEMPOTENCY_KEY, idempotency_key, if_match, if_none_match, precondition
from chalicelib.http.problems import version_tag
from chalicelib.http.requests import Request
from chalicelib.http.responses import NO_STORE, PRIVATE, json_answer
from chalicelib.http.routing import Routes
from chalicelib.http.wire import NDJSON
from chalicelib.publishing.article_wire import (
    ArticleBody,
    ArticleLine,
    ArticleRequest,
    LineBody,
    LinesBody,
    RemovedArticleBody,
    ResetBody,
)
from chalicelib.publishing.articles import Article, ArticleRef
from chalicelib.publishing.parameters import KEY, PATH_PARAMETERS, article_id_of
from chalicelib.publishing.routes import WITH_A_SCOPE, site_with_scope
from chalicelib.publishing.use_cases import Publishing

routes: Routes[Publishing] = Routes("articles", PATH_PARAMETERS)

ARTICLES_PATH = "/v1/sites/{site}/articles"
ARTICLE_PATH = "/v1/sites/{site}/articles/{article}"
MOST_ARTICLE_BYTES = 16_384
MOST_LINES, MOST_BULK_BYTES = 1000, 4_000_000
ORDERING = (if_match("the article"), if_none_match("the article"))


@routes.route(
    "GET",
    ARTICLE_PATH,
    answers={200: json_of(ArticleBody)},
    problems=(*WITH_A_SCOPE, UnknownArticle),
    security=KEY,
)
def read_article(request: Request, publishing: Publishing) -> Response:
    """A registered article"""
    article = publishing.article(_article_to_write(request, publishing), request.deadline)
    return json_answer(ArticleBody.of(article), caching=PRIVATE, etag=version_tag(article.version))


@routes.route(
    "PUT",
    ARTICLE_PATH,
    answers={200: json_of(ArticleBody)},
    problems=(*WITH_A_SCOPE, ArticleMoved, PreconditionFailed, BodyTooLarge, UnsupportedMediaType),
    parameters=ORDERING,
    body=ArticleRequest,
    security=KEY,
)
def put_article(request: Request, publishing: Publishing) -> Response:
    """Register an article, or change it"""
    ref = _article_to_write(request, publishing)
    wanted = json_body(request, ArticleRequest, MOST_ARTICLE_BYTES).wanted(ref)
    article = publishing.register(wanted, precondition(request), request.at, request.deadline)
    return json_answer(ArticleBody.of(article), caching=NO_STORE, etag=version_tag(article.version))


@routes.route(
    "DELETE",
    ARTICLE_PATH,
    answers={200: json_of(RemovedArticleBody)},
    problems=(*WITH_A_SCOPE, PreconditionFailed, BodyTooLarge),
    parameters=ORDERING,
    security=KEY,
)
def delete_article(request: Request, publishing: Publishing) -> Response:
    """Remove an article. Its votes stay on record"""
    ref = _article_to_write(request, publishing)
    check_body_size(request)
    publishing.unregister(ref, precondition(request), request.at, request.deadline)
    return json_answer(RemovedArticleBody.model_construct(article=ref.article), caching=NO_STORE)


@routes.route(
    "POST",
    f"{ARTICLE_PATH}/reset",
    answers={200: json_of(ResetBody)},
    problems=(*WITH_A_SCOPE, ArticleMoved, BodyTooLarge),
    parameters=(IDEMPOTENCY_KEY,),
    security=KEY,
)
def reset_article(request: Request, publishing: Publishing) -> Response:
    """Begin again at zero. Old votes stay on record and count no more; every reader may vote again"""
    ref = _article_to_write(request, publishing)
    check_body_size(request)
    stored = publishing.reset(ref, idempotency_key(request), request.at, request.deadline)
    body = ResetBody.model_construct(article=ref.article, epoch=stored.epoch, version=stored.version)
    return json_answer(body, caching=NO_STORE, etag=version_tag(stored.version))


@routes.route(
    "POST",
    ARTICLES_PATH,
    answers={200: json_of(LinesBody)},
    problems=(*WITH_A_SCOPE, BodyTooLarge, UnsupportedMediaType),
    body=ArticleLine,
    body_type=NDJSON,
    security=KEY,
)
def put_articles(request: Request, publishing: Publishing) -> Response:
    """Register or change up to 1,000 articles, one on each line"""
    site_id = site_with_scope(request, publishing, "write")
    results: dict[int, tuple[str | None, Article | VotingError]] = {}
    wanted: dict[str, tuple[int, Article]] = {}
    for number, line in ndjson_lines(request, MOST_LINES, MOST_BULK_BYTES):
        name = None
        try:
            body = parse_json(line, ArticleLine)
            name = body.article
            if name in wanted:
                raise InvalidValue(f"This article is on line {wanted[name][0]} already.", field="article")
            wanted[name] = (number, body.wanted(ArticleRef(site_id, name)))
        except VotingError as error:
            results[number] = (name, error)
    stored = publishing.register_all([article for _, article in wanted.values()], request.at, request.deadline)
    for (name, (number, _)), outcome in zip(wanted.items(), stored, strict=True):
        results[number] = (name, outcome)
    lines = [LineBody.of(number, *results[number]) for number in sorted(results)]
    return json_answer(LinesBody.model_construct(results=lines), caching=NO_STORE)


def _article_to_write(request: Request, publishing: Publishing) -> ArticleRef:
    """The article in the path, if the request shows a key that may write. Nothing else is read before."""
    return ArticleRef(site_with_scope(request, publishing, "write"), article_id_of(request))
