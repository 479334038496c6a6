"""The dashboard: one page and the files that it loads. Everything that it shows it reads from the insights' API."""

from __future__ import annotations

from chalice.app import Blueprint, Response

from chalicelib.http.requests import path_value
from chalicelib.http.routing import Call, endpoint
from chalicelib.pages.files import dashboard_file, dashboard_page
from chalicelib.pages.scripts import file_answer

routes = Blueprint(__name__)

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)


@endpoint(routes, "GET", "/dashboard")
def read_dashboard(call: Call) -> Response:
    """The page that shows a site's insights"""
    return file_answer(call, dashboard_page(), {"Content-Security-Policy": POLICY, "Referrer-Policy": "no-referrer"})


@endpoint(routes, "GET", "/dashboard/{file}")
def read_dashboard_file(call: Call) -> Response:
    """The dashboard's script, its style sheet, its words"""
    return file_answer(call, dashboard_file(path_value(call.request, "file")))
