"""Fixtures that more than one folder of tests uses."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import settings

from chalicelib import bootstrap
from chalicelib.services import Services
from tests.support.fake_insights import fake_services
from tests.support.fakes import Clock, MemoryStore

# Nothing may reach a real AWS account from here.
os.environ.update(AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test", AWS_DEFAULT_REGION="us-east-1")
os.environ["AWS_EC2_METADATA_DISABLED"] = "true"

settings.register_profile("tests", deadline=None, print_blob=True)
settings.load_profile("tests")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def services(store: MemoryStore, clock: Clock) -> Iterator[Services]:
    """The handlers run on fakes while this is in use."""
    installed = fake_services(store, clock)
    bootstrap.install(installed)
    yield installed
    bootstrap.install(None)


@pytest.fixture(scope="session")
def dynamodb_local() -> Iterator[Any]:
    """One DynamoDB Local for the whole run."""
    from local.dynamodb_local import DynamoDBLocal

    with DynamoDBLocal() as running:
        yield running


@pytest.fixture(scope="session")
def new_local_table(dynamodb_local: Any) -> Callable[..., str]:
    """Makes a fresh table on DynamoDB Local and gives its name."""
    from local.dynamodb_local import create_table

    def make(logical_id: str = "Table") -> str:
        name = f"votes-{uuid.uuid4().hex[:12]}"
        create_table(dynamodb_local.client(), name, logical_id)
        return name

    return make
