"""What pages load: the script, its readable sources and its words, and the tags to paste."""

from __future__ import annotations

from collections.abc import Mapping

from chalice.app import Response

from chalicelib.errors import MalformedRequest, UnknownFile
from chalicelib.http.descriptions import IF_NONE_MATCH, NOT_MODIFIED, json_of, text_of
from chalicelib.http.requests import Request
from chalicelib.http.responses import tagged_answer
from chalicelib.http.routing import Routes
from chalicelib.http.wire import JSON, Wire
from chalicelib.pages.files import FOR_AN_HOUR, StaticFile, pinned, script_file, source_file, words_file
from chalicelib.pages.parameters import PATH_PARAMETERS

routes: Routes[None] = Routes("pages", PATH_PARAMETERS)

FILES = text_of("text/javascript", "text/css", JSON, "text/plain")
READING_A_FILE = (MalformedRequest, UnknownFile)


class ScriptBody(Wire):
    """A script for pages. The content at `pinned_src` never changes, so a page may load it with its hash."""

    src: str
    tag: str
    pinned_src: str
    integrity: str
    pinned_tag: str


class ScriptsBody(Wire):
    """The scripts for pages, with the tags to paste. The first script registers the element."""

    scripts: list[ScriptBody]


@routes.route(
    "GET",
    "/embed/v1",
    answers={200: json_of(ScriptsBody), **NOT_MODIFIED},
    problems=(MalformedRequest,),
    parameters=(IF_NONE_MATCH,),
)
def read_scripts(request: Request, _: None) -> Response:
    """The tags to paste: with the short name, and with the pinned name and its hash"""
    base = f"{request.public_url}/embed/v1"
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
    return tagged_answer(request, ScriptsBody(scripts=scripts).model_dump_json(), JSON, FOR_AN_HOUR)


@routes.route(
    "GET",
    "/embed/v1/{file}",
    answers={200: FILES, **NOT_MODIFIED},
    problems=READING_A_FILE,
    parameters=(IF_NONE_MATCH,),
)
def read_script(request: Request, _: None) -> Response:
    """A script, its map, its types, or its style sheet"""
    return file_answer(request, script_file(request.path_value("file")))


@routes.route(
    "GET",
    "/embed/v1/source/{file}",
    answers={200: FILES, **NOT_MODIFIED},
    problems=READING_A_FILE,
    parameters=(IF_NONE_MATCH,),
)
def read_source(request: Request, _: None) -> Response:
    """A module of the script, as it was written"""
    return file_answer(request, source_file(request.path_value("file")))


@routes.route(
    "GET",
    "/embed/v1/words/{file}",
    answers={200: text_of(JSON), **NOT_MODIFIED},
    problems=READING_A_FILE,
    parameters=(IF_NONE_MATCH,),
)
def read_words(request: Request, _: None) -> Response:
    """The words of a language, or English"""
    return file_answer(request, words_file(request.path_value("file")))


def file_answer(request: Request, file: StaticFile, more: Mapping[str, str] | None = None) -> Response:
    """A file, or 304. `more`: further headers."""
    headers = {**({} if file.source_map is None else {"SourceMap": file.source_map}), **(more or {})}
    return tagged_answer(request, file.text, file.media_type, file.caching, headers)
