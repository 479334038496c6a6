"""The package as Lambda unpacks it: how large it is, what is in it, and what a cold start and a first request load."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from chalicelib.settings import API, FEEDS, PROJECTION
from local.package import TEMPLATE_NAME, ZIP_NAME, build
from local.slimming import SERVICES

MEGABYTE = 1_000_000
NOT_WITHOUT_REQUESTS = {
    "boto3",
    "s3transfer",
    "pydantic",
    "jwt",
    "chalicelib.api",
    "chalicelib.http.wire",
    "chalicelib.trust",
}
UNCHECKED_HASH = 0b01  # PEP 552: the bytecode has a hash of its source, and nobody compares them
FIRST_REQUEST = """
import json, sys
import app
before = set(sys.modules)
made = []
import botocore.client
botocore.client.ClientCreator.create_client = lambda *_, **__: made.append(1)
token = "eyJraWQiOiIwMTIzNDU2Nzg5YWIifQ.e30." + "A" * 43  # its key has to be looked up
bearer = "Bearer " + token
event = {
    "resource": "/v1/sites/{site}/articles/{article}/vote", "path": "/v1/sites/demo/articles/a/vote",
    "httpMethod": "PUT", "headers": {"Content-Type": "application/json", "Authorization": bearer},
    "multiValueHeaders": {"Content-Type": ["application/json"], "Authorization": [bearer]},
    "queryStringParameters": None, "multiValueQueryStringParameters": None,
    "pathParameters": {"site": "demo", "article": "a"}, "stageVariables": None,
    "requestContext": {"resourcePath": "/v1/sites/{site}/articles/{article}/vote", "httpMethod": "PUT",
                       "requestId": "first", "path": "/x", "identity": {"sourceIp": "192.0.2.1"}},
    "body": json.dumps({"choice": "up"}), "isBase64Encoded": False,
}
answer = app.app(event, None)
from chalicelib.http.wire import Wire
models = [Wire]
for model in models:
    models += model.__subclasses__()
print(json.dumps({
    "status": answer["statusCode"],
    "clients": len(made),
    "modules": sorted(name for name in set(sys.modules) - before if name.startswith("chalicelib")),
    "schemas": sorted(model.__name__ for model in models if model.__pydantic_complete__),
}))
"""


@pytest.fixture(scope="module")
def package() -> Path:
    return build() / ZIP_NAME


@pytest.fixture(scope="module")
def unpacked(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("package")
    with zipfile.ZipFile(package) as zipped:
        zipped.extractall(folder)
    return folder


def run(code: str, folder: Path, function: str) -> Any:
    """What this code prints as JSON in a function of the package, to which nobody answers."""
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(folder),
        "PYTHONDONTWRITEBYTECODE": "1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "FUNCTION": function,
        "TABLE_NAME": "votes",
        "NETWORKS_TABLE": "networks",
        "TOKEN_KEY_SECRET": "token-key",
        "PEPPER_SECRET": "pepper",
    }
    command = [sys.executable, "-S", "-c", code]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_the_package_is_small(package: Path, unpacked: Path) -> None:
    assert package.stat().st_size <= 4 * MEGABYTE
    assert sum(path.stat().st_size for path in unpacked.rglob("*") if path.is_file()) <= 12 * MEGABYTE


def test_every_module_comes_as_bytecode_for_the_python_that_lambda_runs(unpacked: Path) -> None:
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert f"Runtime: python{version}\n" in (build() / TEMPLATE_NAME).read_text()
    compiled = list(unpacked.rglob("*.pyc"))
    assert len(compiled) > 300
    for path in compiled:
        head = path.read_bytes()[:8]
        assert head[:4] == importlib.util.MAGIC_NUMBER, path
        assert int.from_bytes(head[4:], "little") == UNCHECKED_HASH, path
    assert list(unpacked.rglob("*.py")) == []


def test_botocore_has_the_data_of_the_services_that_are_called_and_no_others(unpacked: Path) -> None:
    data = unpacked / "botocore" / "data"
    assert {path.name for path in data.iterdir() if path.is_dir()} == set(SERVICES)
    for partition in json.loads((data / "endpoints.json").read_text())["partitions"]:
        assert set(partition["services"]) <= set(SERVICES)


@pytest.mark.parametrize(
    ("function", "not_imported"),
    [
        (API, {"boto3", "s3transfer", "feedparser", "chalicelib.insights.projection", "chalicelib.trust.exclusions"}),
        (PROJECTION, {*NOT_WITHOUT_REQUESTS, "feedparser"}),
        (FEEDS, NOT_WITHOUT_REQUESTS),
    ],
)
def test_a_function_imports_only_what_it_uses(unpacked: Path, function: str, not_imported: set[str]) -> None:
    imported = run("import app, json, sys; print(json.dumps(sorted(sys.modules)))", unpacked, function)
    assert not_imported & set(imported) == set()
    assert "botocore.client" in imported, "the client is not made in the init phase"


def test_the_first_request_makes_no_client_and_loads_nothing_of_other_routes(unpacked: Path) -> None:
    first = run(FIRST_REQUEST, unpacked, API)
    assert first["status"] == 503, "the request ended before it needed the keys"
    assert first["clients"] == 0
    assert first["modules"] == []
    assert set(first["schemas"]) <= {"VoteRequest", "ProblemBody", "VoteProblemBody", "VoteBody"}
