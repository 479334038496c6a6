"""Routes: each is declared together with its OpenAPI description, and turns errors into answers.

A feature declares its views on a `Routes`. `register` connects them with the Chalice app and with the feature, which
is made at the first request. Errors are mapped here, around the view: an exception that leaves a Chalice view becomes
a 500 without CORS headers before any middleware sees it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Generic, TypeVar

from chalice.app import Chalice, Response
from chalice.app import Request as ChaliceRequest
from pydantic import BaseModel

from chalicelib.errors import VotingError
from chalicelib.http.descriptions import ANYBODY, Content, Operation, Parameter, Security
from chalicelib.http.problems import problem
from chalicelib.http.requests import Request, Server
from chalicelib.http.responses import CORS
from chalicelib.http.time_limits import answer_within
from chalicelib.http.wire import JSON, ProblemBody
from chalicelib.settings import ANSWER_WITHIN_SECONDS

log = logging.getLogger("article-votes.http")

Feature = TypeVar("Feature")
View = Callable[[Request, Feature], Response]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Route(Generic[Feature]):
    """A view and what OpenAPI says about it."""

    view: View[Feature]
    operation: Operation


class Routes(Generic[Feature]):
    """The routes of one feature. `parameters`: every path parameter that its paths may have, by name."""

    def __init__(self, tag: str, path_parameters: Mapping[str, Parameter]) -> None:
        self._tag = tag
        self._path_parameters = path_parameters
        self.routes: list[Route[Feature]] = []

    def route(
        self,
        method: str,
        path: str,
        *,
        answers: Mapping[int, Content],
        problems: tuple[type[VotingError], ...] = (),
        problem_models: Mapping[int, type[ProblemBody]] = MappingProxyType({}),
        parameters: tuple[Parameter, ...] = (),
        body: type[BaseModel] | None = None,
        body_type: str = JSON,
        body_required: bool = True,
        security: Security = ANYBODY,
        suffix: str = "",
    ) -> Callable[[View[Feature]], View[Feature]]:
        """Declare a view (see `Operation` for the arguments). Parameters in the path are added by their names.

        The operation's id is the view's name in camel case, and its summary is the view's docstring. `suffix` keeps
        the ids apart if a view has two addresses.
        """
        in_path = tuple(one for name, one in self._path_parameters.items() if f"{{{name}}}" in path)

        def declare(view: View[Feature]) -> View[Feature]:
            if not view.__doc__:
                raise TypeError(f"{view.__name__} needs a docstring: it becomes the summary in OpenAPI.")
            first, *rest = view.__name__.split("_")
            operation = Operation(
                method=method,
                path=path,
                id=first + "".join(word.capitalize() for word in rest) + suffix,
                summary=view.__doc__.strip(),
                tag=self._tag,
                answers=answers,
                problems=problems,
                problem_models=problem_models,
                parameters=in_path + parameters,
                body=body,
                body_type=body_type,
                body_required=body_required,
                security=security,
            )
            self.routes.append(Route(view, operation))
            return view

        return declare


def register(
    app: Chalice, routes: Routes[Feature], feature: Callable[[], Feature], server: Callable[[], Server]
) -> None:
    """Connect the routes with the app. Content types are checked by the views, so that a refusal is a problem, too."""
    for route in routes.routes:
        answer = _answerer(app, route, feature, server)
        operation = route.operation
        app.route(operation.path, methods=[operation.method], cors=CORS, content_types=["*/*"], name=operation.id)(
            answer
        )


def _answerer(
    app: Chalice, route: Route[Feature], feature: Callable[[], Feature], server: Callable[[], Server]
) -> Callable[..., Response]:
    def answer(**_path_parameters: str) -> Response:
        current: ChaliceRequest = app.current_request  # type: ignore[assignment]  # Chalice sets it before a view runs
        request_id = str(current.context.get("requestId", ""))
        request = Request(current, server())
        with server().observed(request_id):
            try:
                with answer_within(ANSWER_WITHIN_SECONDS):
                    answered = route.view(request, feature())
            except Exception as error:
                if isinstance(error, VotingError):
                    refusal = error
                else:
                    log.exception("unexpected error")
                    refusal = VotingError("An unexpected error occurred.")
                server().metrics.refused(refusal.code)
                answered = problem(refusal, request_id)
            answered.headers.update(request.answer_headers)
            return answered

    answer.__name__ = route.operation.id
    return answer
