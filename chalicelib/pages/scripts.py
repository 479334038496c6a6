"""What pages load: the script, its readable sources and its words, and how to write the tag that loads it."""

from __future__ import annotations

from collections.abc import Mapping

from chalice.app import Blueprint, Response

from chalicelib.http.requests import header, path_value
from chalicelib.http.responses import tagged_answer
from chalicelib.http.routing import Call, endpoint
from chalicelib.pages.files import FOR_AN_HOUR, StaticFile, pinned, script_file, source_file, words_file
from chalicelib.voting.wire import ScriptBody, ScriptsBody

routes = Blueprint(__name__)


@endpoint(routes, "GET", "/embed/v1")
def read_scripts(call: Call) -> Response:
    """The tags to paste: the short name, and the pinned one with its hash"""
    base = f"{call.public_url()}/embed/v1"
    scripts = [
        ScriptBody(
            src=f"{base}/{name}",
            tag=f'<script type="module" src="{base}/{name}"></script>',
            pinned_src=f"{base}/{one['pinned']}",
            integrity=one["integrity"],
            pinned_tag=f'<script type="module" src="{base}/{one["pinned"]}" integrity="{one["integrity"]}" '
            'crossorigin="anonymous"></script>',
        )
        for name, one in pinned().items()
    ]
    body = ScriptsBody(scripts=scripts).model_dump_json()
    return tagged_answer(body, "application/json", FOR_AN_HOUR, header(call.request, "If-None-Match"))


@endpoint(routes, "GET", "/embed/v1/{file}")
def read_script(call: Call) -> Response:
    """A script, its map, its types, or its style sheet"""
    return file_answer(call, script_file(path_value(call.request, "file")))


@endpoint(routes, "GET", "/embed/v1/source/{file}")
def read_source(call: Call) -> Response:
    """A readable module that the script is made of"""
    return file_answer(call, source_file(path_value(call.request, "file")))


@endpoint(routes, "GET", "/embed/v1/words/{file}")
def read_words(call: Call) -> Response:
    """The words of a language; English where there are none"""
    return file_answer(call, words_file(path_value(call.request, "file")))


def file_answer(call: Call, file: StaticFile, more: Mapping[str, str] | None = None) -> Response:
    """A file as it is, or 304; `more` are further headers."""
    headers = {**({} if file.source_map is None else {"SourceMap": file.source_map}), **(more or {})}
    return tagged_answer(file.text, file.media_type, file.caching, header(call.request, "If-None-Match"), headers)
