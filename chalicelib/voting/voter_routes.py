"""A reader's browser becomes a voter at its first click."""

from __future__ import annotations

from chalice.app import Blueprint, Response

from chalicelib.http.requests import check_body_size
from chalicelib.http.responses import NO_STORE, json_answer
from chalicelib.http.routing import Call, endpoint
from chalicelib.voting.use_cases import register_voter
from chalicelib.voting.wire import VoterBody

routes = Blueprint(__name__)


@endpoint(routes, "POST", "/v1/sites/{site}/voters")
def create_voter(call: Call) -> Response:
    """A new voter token"""
    check_body_size(call.request)
    site = call.writable_site()
    voter = register_voter(call.services.keyring, site, call.services.random_id(), call.now, call.deadline)
    return json_answer(VoterBody.of(voter), status=201, caching=NO_STORE)
