"""A Secrets Manager with a pepper and a ring, and a keyring on it."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from moto import mock_aws

from chalicelib.voting.keyring import SecretsKeyring
from chalicelib.voting.token_keys import Ring, ring_text, rotate
from tests.support.fakes import START, Clock
from tests.support.secrets_manager import FIRST, PEPPER, Counting, Table, keyring

SESSION = boto3.session.Session()  # it reads its descriptions of AWS once; boto3.client reads them in each test


@pytest.fixture
def table() -> Table:
    return Table()


@pytest.fixture
def manager() -> Any:
    with mock_aws():
        client = SESSION.client("secretsmanager")
        client.create_secret(Name="pepper", SecretString=PEPPER)
        client.create_secret(Name="token-key", SecretString=ring_text(rotate(Ring(), FIRST, START)))
        yield Counting(client)


@pytest.fixture
def secrets(manager: Any, clock: Clock, table: Table) -> SecretsKeyring:
    return keyring(manager, clock, table)
