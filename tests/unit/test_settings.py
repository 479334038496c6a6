"""What the environment variables of the functions mean."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from chalicelib.settings import Settings
from local.paths import ROOT

NEEDED = {"TABLE_NAME": "t", "NETWORKS_TABLE": "n", "TOKEN_KEY_SECRET": "k", "PEPPER_SECRET": "p"}
SECRETS = ("a" * 32, "b" * 40)


@pytest.mark.parametrize(("value", "secrets"), [("", ()), (SECRETS[0], SECRETS[:1]), (" ".join(SECRETS), SECRETS)])
def test_an_edge_has_no_secret_or_one_or_two_while_it_changes(value: str, secrets: tuple[str, ...]) -> None:
    found = Settings.from_environment({**NEEDED, "EDGE_SECRETS": value, "EDGE_ADDRESS_HEADER": "X-Reader"})
    assert (found.edge_secrets, found.edge_address_header) == (secrets, "X-Reader")
    assert accepted(value)


@pytest.mark.parametrize("value", ["short", "a" * 31, f"{SECRETS[0]} short", f"{SECRETS[0]}  {SECRETS[1]}", " "])
def test_the_template_takes_no_short_secret(value: str) -> None:
    assert not accepted(value)


def accepted(value: str) -> bool:
    template = yaml.safe_load(Path(ROOT / "infra" / "template.yaml").read_text())
    return re.fullmatch(template["Parameters"]["EdgeSecrets"]["AllowedPattern"], value) is not None


@pytest.mark.parametrize("name", NEEDED)
def test_a_missing_variable_is_named(name: str) -> None:
    with pytest.raises(KeyError, match=name):
        Settings.from_environment({key: value for key, value in NEEDED.items() if key != name})
