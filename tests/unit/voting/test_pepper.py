"""The pepper: its fingerprint is in the table, and with another pepper no vote is taken."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.errors import Unavailable
from chalicelib.voting.keyring import SecretsKeyring, fingerprint_of
from tests.support.fakes import Clock, patient
from tests.support.secrets_manager import (
    OTHER_PEPPER,
    PEPPER,
    Odd,
    Table,
    keyring,
)


def test_its_fingerprint_is_stored_at_its_first_use(secrets: SecretsKeyring, table: Table) -> None:
    secrets.pepper(patient())
    # printf "the fingerprint of article-votes' pepper" | openssl dgst -sha256 -hmac "$PEPPER"
    assert table.fingerprint == fingerprint_of(PEPPER.encode()) == "207f69f8ae82d765"


@pytest.mark.parametrize("value", ["", " ", "\n", "short", f"{PEPPER}\n"])
def test_without_a_whole_one_no_vote_is_taken_and_nothing_is_stored(
    value: str, secrets: SecretsKeyring, manager: Any, table: Table, caplog: pytest.LogCaptureFixture
) -> None:
    manager.client = Odd(value)
    with pytest.raises(Unavailable):
        secrets.pepper(patient())
    assert (table.fingerprint, "ops pepper create" in caplog.text) == ("", True)


def test_with_another_pepper_no_vote_is_taken_and_the_log_names_both(
    manager: Any, clock: Clock, table: Table, caplog: pytest.LogCaptureFixture
) -> None:
    keyring(manager, clock, table).pepper(patient())
    manager.client.put_secret_value(SecretId="pepper", SecretString=OTHER_PEPPER)
    other = keyring(manager, clock, table)
    for _ in range(3):
        with pytest.raises(Unavailable):
            other.pepper(patient())
    assert "wrong pepper" in caplog.text
    assert table.fingerprint in caplog.text
    assert fingerprint_of(OTHER_PEPPER.encode()) in caplog.text
    assert OTHER_PEPPER not in caplog.text
    assert manager.calls == 2, "it asks again only after a pause"
    manager.client.put_secret_value(SecretId="pepper", SecretString=PEPPER)
    clock.advance(1)
    assert other.pepper(patient()) == PEPPER.encode()
