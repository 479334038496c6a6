"""The Grafana dashboard asks for what there is: every address of it is answered, with every column that it names."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from chalicelib.http.wire import timestamp
from chalicelib.publishing.articles import ArticleRef
from chalicelib.services import Services
from chalicelib.voting.applying import apply
from chalicelib.voting.votes import Wish
from local.paths import ROOT
from tests.support.fakes import START, MemoryStore, patient
from tests.support.gateway import send
from tests.support.stream import project_all

FILE = ROOT / "docs" / "grafana" / "article-votes.json"
DASHBOARD: dict[str, Any] = json.loads(FILE.read_text())
TARGETS = [target for panel in DASHBOARD["panels"] for target in panel["targets"]]
# What Grafana puts in place of its variables: times with milliseconds.
FROM, TO = (f"{(timestamp(at) or '')[:-1]}.123Z" for at in (START - 7 * 86400, START))


def filled(text: str) -> str:
    return text.replace("${site}", "demo").replace("${__from:date:iso}", FROM).replace("${__to:date:iso}", TO)


@pytest.mark.parametrize("target", TARGETS, ids=[panel["title"] for panel in DASHBOARD["panels"]])
def test_a_panel_finds_its_columns(services: Services, store: MemoryStore, target: dict[str, Any]) -> None:
    ref = ArticleRef("demo", "a")
    apply(store, Wish(ref, "v", "up", "r", START), patient(), registered_only=False)
    project_all(store, services.insights.store, ref)
    query = urlencode([(one["key"], filled(one["value"])) for one in target["url_options"]["params"]])
    answer = send("GET", f"{filled(target['url'])}?{query}")
    assert answer.status == 200, answer.text
    found = answer.json()
    rows = found[target["root_selector"]] if target["root_selector"] else [found]
    assert rows
    for column in target["columns"]:
        value = rows[0]
        for name in column["selector"].split("."):
            value = value[name]
        assert value is None or isinstance(value, int if column["type"] == "number" else str)


def test_every_panel_uses_the_data_source_that_is_asked_for_at_import() -> None:
    (asked,) = DASHBOARD["__inputs"]
    used = [target["datasource"] for target in TARGETS] + [panel["datasource"] for panel in DASHBOARD["panels"]]
    assert all(one == {"type": asked["pluginId"], "uid": "${DS_INFINITY}"} for one in used)
