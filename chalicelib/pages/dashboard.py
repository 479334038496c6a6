"""The dashboard: one page and the files that it loads. It reads everything that it shows from the insights' API."""

from __future__ import annotations

from chalice.app import Response

from chalicelib.errors import MalformedRequest
from chalicelib.http.descriptions import IF_NONE_MATCH, NOT_MODIFIED, text_of
from chalicelib.http.requests import Request
from chalicelib.http.routing import Routes
from chalicelib.pages.files import dashboard_file, dashboard_page
from chalicelib.pages.parameters import PATH_PARAMETERS
from chalicelib.pages.scripts import FILES, READING_A_FILE, file_answer

routes: Routes[None] = Routes("pages", PATH_PARAMETERS)

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)


@routes.route(
    "GET",
    "/dashboard",
    answers={200: text_of("text/html"), **NOT_MODIFIED},
    problems=(MalformedRequest,),
    parameters=(IF_NONE_MATCH,),
)
def read_dashboard(request: Request, _: None) -> Response:
    """The page that shows a site's insights"""
    return file_answer(request, dashboard_page(), {"Content-Security-Policy": POLICY, "Referrer-Policy": "no-referrer"})


@routes.route(
    "GET",
    "/dashboard/{file}",
    answers={200: FILES, **NOT_MODIFIED},
    problems=READING_A_FILE,
    parameters=(IF_NONE_MATCH,),
)
def read_dashboard_file(request: Request, _: None) -> Response:
    """The dashboard's script, its style sheet, its words"""
    return file_answer(request, dashboard_file(request.path_value("file")))
