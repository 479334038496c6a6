"""A method that a path does not have is answered with 405 and `Allow` (RFC 9110, section 15.5.6).

API Gateway answers such a request as if the path did not exist, unless the path has an entry for all other methods. So
each path gets such an entry. Chalice does not dispatch it: it answers 405, and a middleware makes that a problem.
"""

from __future__ import annotations

from collections.abc import Callable

from chalice.app import Chalice, Request, Response

from chalicelib.errors import MethodNotAllowed
from chalicelib.http.problems import problem
from chalicelib.http.responses import CORS

ANY_METHOD = "X-AMAZON-APIGATEWAY-ANY-METHOD"  # Chalice writes it into the template as a key beside "get" and "put"


def refuse_other_methods(app: Chalice) -> None:
    """Answer 405 to every method that the routes of the app do not have. Call it after all routes are registered."""
    allowed = {path: ", ".join([*methods, "OPTIONS"]) for path, methods in app.routes.items()}
    for path in allowed:
        app.route(path, methods=[ANY_METHOD], content_types=["*/*"], name=f"otherMethods{path}")(_never_called)

    def refuse(request: Request, get_response: Callable[[Request], Response]) -> Response:
        response = get_response(request)
        if response.status_code != MethodNotAllowed.status:
            return response
        methods = allowed[request.context["resourcePath"]]
        error = MethodNotAllowed(f"This address takes {methods}.", field="method")
        headers = {"Allow": methods, **CORS.get_access_control_headers()}
        return problem(error, str(request.context.get("requestId", "")), headers=headers)

    app.register_middleware(refuse, "http")


def _never_called(**_path_parameters: str) -> Response:
    raise AssertionError("Chalice does not dispatch this method")
