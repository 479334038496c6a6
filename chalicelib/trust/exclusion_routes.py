"""Exclusions: votes that an editor takes out of the counts and puts back. For the holder of an admin key."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from chalice.app import Response

from chalicelib.errors import (
    BodyTooLarge,
    ExclusionRefused,
    InvalidValue,
    UnknownArticle,
    UnknownExclusion,
    UnknownSite,
    UnsupportedMediaType,
)
from chalicelib.http.bodies import check_body_size, json_body
from chalicelib.http.descriptions import json_of, path, text
from chalicelib.http.requests import Request
from chalicelib.http.responses import NO_STORE, PRIVATE, json_answer
from chalicelib.http.routing import Routes
from chalicelib.publishing.articles import ArticleRef
from chalicelib.publishing.keys import Key
from chalicelib.publishing.parameters import KEY, PATH_PARAMETERS, key_of, site_id_of
from chalicelib.publishing.routes import WITH_A_SCOPE
from chalicelib.trust.exclusion_wire import EXCLUSION_ID, ExclusionAnswer, ExclusionRequest, ExclusionsBody

if TYPE_CHECKING:
    from chalicelib.trust.exclusions import Exclusion
    from chalicelib.trust.use_cases import Trust

EXCLUSION = path("exclusion", "The id of the exclusion, as the list has it.", text(EXCLUSION_ID, examples=["kq3x7abc"]))
EXCLUSIONS_PATH = "/v1/sites/{site}/exclusions"

routes: Routes[Trust] = Routes("trust", {**PATH_PARAMETERS, "exclusion": EXCLUSION})


@routes.route(
    "GET",
    EXCLUSIONS_PATH,
    answers={200: json_of(ExclusionsBody)},
    problems=WITH_A_SCOPE,
    security=KEY,
)
def read_exclusions(request: Request, trust: Trust) -> Response:
    """The exclusions of a site"""
    site_id, _ = _site_and_key(request, trust)
    return json_answer(ExclusionsBody.of(site_id, trust.listed(site_id, request.deadline)), caching=PRIVATE)


@routes.route(
    "POST",
    EXCLUSIONS_PATH,
    answers={200: json_of(ExclusionAnswer)},
    problems=(*WITH_A_SCOPE, UnknownSite, UnknownArticle, ExclusionRefused, BodyTooLarge, UnsupportedMediaType),
    body=ExclusionRequest,
    security=KEY,
)
def exclude_votes(request: Request, trust: Trust) -> Response:
    """Take votes out of an article's counts, or count what would be taken out. It is safe to send this again"""
    site_id, key = _site_and_key(request, trust)
    wanted = json_body(request, ExclusionRequest)
    choices = trust.sites.site(site_id, request.deadline).ballot.counted
    rule = trust.rule_for(site_id, wanted.rule(choices), request.deadline)
    if wanted.preview:
        preview = trust.preview(site_id, rule, request.deadline)
        return json_answer(ExclusionAnswer.of_preview(site_id, choices, preview), caching=NO_STORE)
    return _answer(request, trust, trust.exclude(site_id, rule, key.id, request.at, request.deadline))


@routes.route(
    "DELETE",
    f"{EXCLUSIONS_PATH}/{{exclusion}}",
    answers={200: json_of(ExclusionAnswer)},
    problems=(*WITH_A_SCOPE, UnknownSite, UnknownExclusion, BodyTooLarge),
    security=KEY,
)
def restore_votes(request: Request, trust: Trust) -> Response:
    """Count the votes of an exclusion again. It is safe to send this again"""
    site_id, key = _site_and_key(request, trust)
    exclusion_id = request.path_value("exclusion")
    if not re.fullmatch(EXCLUSION_ID, exclusion_id):
        raise InvalidValue("exclusion must be 8 of a-z and 2-7, as the list of exclusions has it.", field="exclusion")
    check_body_size(request)
    return _answer(request, trust, trust.restore(site_id, exclusion_id, key.id, request.at, request.deadline))


def _answer(request: Request, trust: Trust, exclusion: Exclusion) -> Response:
    choices = trust.sites.site(exclusion.site, request.deadline).ballot.counted
    ref = ArticleRef(exclusion.site, exclusion.rule.article)
    counts = trust.tally(ref, request.deadline).counts
    return json_answer(ExclusionAnswer.of(exclusion, choices, counts), caching=NO_STORE)


def _site_and_key(request: Request, trust: Trust) -> tuple[str, Key]:
    site_id = site_id_of(request)
    return site_id, trust.keys.check(site_id, key_of(request), "admin", request.at, request.deadline)
