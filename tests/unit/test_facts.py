"""Facts that stand in two places agree: in Python, in JavaScript, in the template and in the package."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from typing import Any

import yaml
from pydantic import BaseModel

from chalicelib import about
from chalicelib.api import OPERATIONS
from chalicelib.http.responses import CORS
from chalicelib.http.wire import Wire
from chalicelib.pages.files import STATIC
from chalicelib.publishing.articles import ARTICLE_ID
from chalicelib.publishing.sites import SITE_ID
from local.paths import ROOT

TEMPLATE: dict[str, Any] = yaml.safe_load((ROOT / "infra" / "template.yaml").read_text())
ELEMENT = STATIC / "element"


def wire_models(base: type[BaseModel] = Wire) -> Iterator[type[BaseModel]]:
    """Every model of a body, of the modules that the API imports."""
    for model in base.__subclasses__():
        yield model
        yield from wire_models(model)


def every_key(value: Any) -> set[str]:
    """The names of all members of a JSON value."""
    if isinstance(value, dict):
        return set(value) | {key for inner in value.values() for key in every_key(inner)}
    return {key for inner in value for key in every_key(inner)} if isinstance(value, list) else set()


def test_no_property_with_a_short_name_in_the_bundle_is_sent_stored_or_seen_by_pages() -> None:
    internal = set(json.loads((ELEMENT / "internal-names.json").read_text()))
    on_the_wire = {name for model in wire_models() for name in model.model_fields}
    assert {"voters", "choice", "voter_token", "detail"} <= on_the_wire, "this test would not notice"
    words = every_key(json.loads((STATIC / "words" / "en.json").read_text()))
    declared = "".join(path.read_text() for path in ELEMENT.glob("*.d.ts"))
    types = set(
        re.findall(
            r"(?:readonly|get|set|static)? *\b([a-z_]+)\??[:(]",
            re.sub(r"/\*\*.*?\*/", "", declared, flags=re.DOTALL),
        )
    )
    kept = set(
        re.findall(
            r"\b([a-z]+)\b", (ELEMENT / "state.js").read_text().split("export const UNKNOWN = ")[1].split("\n")[0]
        )
    )
    assert {"tally", "wish", "version"} <= kept, "this test would not notice"
    assert not internal & (on_the_wire | words | types | kept)


def test_the_element_takes_the_ids_that_the_service_takes() -> None:
    (source,) = re.findall(r"const ID = /(.*)/i;", (ELEMENT / "attributes.js").read_text())
    ours = re.compile(source, re.IGNORECASE | re.ASCII)
    for code in range(128):
        for text in (chr(code), "a" + chr(code), "A" * 127 + chr(code), "0" * 128 + chr(code)):
            assert (ours.fullmatch(text) is not None) == (ARTICLE_ID.fullmatch(text) is not None), repr(text)
            assert SITE_ID.fullmatch(text) is None or ours.fullmatch(text) is not None, repr(text)


def test_the_gateway_exposes_the_headers_that_our_answers_expose() -> None:
    ours = CORS.get_access_control_headers()["Access-Control-Expose-Headers"]
    responses = TEMPLATE["Resources"]["RestAPI"]["Properties"]["GatewayResponses"]
    assert responses
    for kind, response in responses.items():
        headers = response["ResponseParameters"]["Headers"]
        assert headers["Access-Control-Expose-Headers"] == f"'{ours}'", kind
        assert headers["X-Content-Type-Options"] == "'nosniff'", kind


def test_a_cache_keys_on_the_parameters_that_change_an_answer() -> None:
    (output,) = [one for name, one in TEMPLATE["Outputs"].items() if name == "CacheKeyParameters"]
    named = {
        one.name
        for operation in OPERATIONS
        if operation.security.schemes != ("voter",)
        for one in operation.parameters
        if one.place == "query"
    }
    assert set(output["Value"].split(",")) == named


def test_there_is_one_version_number() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    newest = re.search(r"^## \[(\d+\.\d+\.\d+)\] - \d{4}-\d\d-\d\d$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert newest is not None
    assert project == about.VERSION == newest[1]
