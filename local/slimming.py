"""Makes Chalice's package small and quick to start: it keeps what runs on Lambda, and compiles it.

Lambda's file system is read-only. Without bytecode in the package, each cold start compiles every module again.
So the package has bytecode only (https://peps.python.org/pep-0552/: with unchecked hashes). Tracebacks name files and
lines of it, without the text of the lines.
"""

from __future__ import annotations

import gzip
import json
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import deflate

DESCRIBED = re.compile(r"\bRoutes\b|\bWire\b")
# The clients that `chalicelib.bootstrap` makes, and what they are asked. DynamoDB's may look for its endpoint, too.
OPERATIONS = {
    "dynamodb": {
        "BatchGetItem", "DeleteItem", "DescribeEndpoints", "GetItem", "PutItem", "Query", "Scan", "TransactWriteItems",
        "UpdateItem",
    },
    "secretsmanager": {"GetSecretValue"},
}  # fmt: skip
SERVICES = tuple(OPERATIONS)
# botocore imports what writes the text of `help(client)`. Nobody reads it on Lambda.
NO_HELP = {
    "botocore/docs/__init__.py": "",
    "botocore/docs/docstring.py": """
class ClientMethodDocstring(str):
    def __new__(cls, *_, **__):
        return super().__new__(cls)

PaginatorDocstring = WaiterDocstring = ClientMethodDocstring
""",
}

# The zip format (https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT). All files are of 1980-01-01.
VERSION, MADE_ON_UNIX, UTF_8, DEFLATED, NO_TIME, FIRST_DAY = 20, (3 << 8) | 20, 0x800, 8, 0, (1 << 5) | 1
READABLE = 0o644 << 16  # Lambda runs as another user than the one who unpacks

# Nothing on Lambda imports or reads this. The end-to-end tests run every route of a package without it.
UNUSED = (
    "*.dist-info", "*.data", "**/*.pyi", "**/py.typed", "**/__pycache__",
    "chalicelib/static/dashboard/*.js", "chalicelib/static/dashboard/*.css", "chalicelib/static/dashboard/words",
    "chalicelib/static/build/dashboard/*.map", "chalicelib/static/build/fingerprint", "chalicelib/static/words",
    "chalicelib/static/element/*.[!j]*", "chalicelib/static/element/*.json", "chalicelib/static/frame",
    "aws_lambda_powertools/event_handler", "aws_lambda_powertools/middleware_factory",
    "aws_lambda_powertools/logging/formatters", "aws_lambda_powertools/metrics/provider/datadog",
    "aws_lambda_powertools/utilities/[!_j]*", "aws_lambda_powertools/logging/utils.py",
    "aws_lambda_powertools/shared/dynamodb_deserializer.py", "aws_lambda_powertools/shared/headers_serializer.py",
    "aws_lambda_powertools/shared/cookies.py",
    "annotated_types/test_cases.py", "boto3", "s3transfer", "botocore/crt/auth.py", "botocore/stub.py",
    "botocore/data/*/*/examples-1.json", "botocore/data/dynamodb/2011-12-05",
    "botocore/docs/[!u]*", "dateutil/zoneinfo", "dateutil/easter.py", "dateutil/rrule.py", "dateutil/tz/win.py",
    "dateutil/tzwin.py", "jwt/help.py",
    "pydantic/class_validators.py", "pydantic/color.py", "pydantic/datetime_parse.py", "pydantic/decorator.py",
    "pydantic/deprecated/[!_]*", "pydantic/env_settings.py", "pydantic/error_wrappers.py", "pydantic/generics.py",
    "pydantic/json.py", "pydantic/parse.py", "pydantic/schema.py", "pydantic/tools.py", "pydantic/typing.py",
    "pydantic/utils.py", "pydantic/validators.py",
    "pydantic/experimental", "pydantic/mypy.py", "pydantic/networks.py", "pydantic/v1",
    "tzdata/zoneinfo/*.tab", "tzdata/zoneinfo/leapseconds", "tzdata/zoneinfo/tzdata.zi",
    "urllib3/http2/connection.py", "urllib3/contrib/emscripten",
    "urllib3/contrib/pyopenssl.py", "urllib3/contrib/socks.py",
)  # fmt: skip


def slim(package: Path) -> None:
    """Replace this zip by one of what runs, compiled for the Python that runs this."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with zipfile.ZipFile(package) as source:
            source.extractall(folder)
        _remove_unused(folder)
        _shrink_botocore(folder / "botocore" / "data")
        _certificates_alone(folder / "botocore" / "cacert.pem")
        _compile(folder)
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        slimmed = package.with_suffix(".slim")
        slimmed.write_bytes(zipped({str(path.relative_to(folder)): path.read_bytes() for path in files}))
        slimmed.replace(package)


def zipped(files: dict[str, bytes]) -> bytes:
    """A zip with these files: the same for the same files.

    zipfile compresses with zlib only. libdeflate takes as long and makes 3.6 % less of it.
    """
    whole, central = bytearray(), bytearray()
    for name, content in files.items():
        compressed = deflate.deflate_compress(content, 12)
        encoded = name.encode()
        common = (UTF_8, DEFLATED, NO_TIME, FIRST_DAY, zlib.crc32(content), len(compressed), len(content), len(encoded))
        entry = (READABLE, len(whole))
        central += struct.pack("<IHHHHHHIIIHHHHHII", 0x02014B50, MADE_ON_UNIX, VERSION, *common, 0, 0, 0, 0, *entry)
        central += encoded
        whole += struct.pack("<IHHHHHIIIHH", 0x04034B50, VERSION, *common, 0) + encoded + compressed
    end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, len(files), len(files), len(central), len(whole), 0)
    return bytes(whole + central + end)


def _remove_unused(folder: Path) -> None:
    for pattern in UNUSED:
        for path in list(folder.glob(pattern)):
            _remove(path)
    for name, source in NO_HELP.items():
        (folder / name).write_text(source)
    for path in (folder / "botocore" / "data").iterdir():
        if path.is_dir() and path.name not in SERVICES:
            _remove(path)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


def _shrink_botocore(data: Path) -> None:
    """A client reads these files when it is made: leave out what it is not asked, and what people read."""
    for service, operations in OPERATIONS.items():
        for model in data.glob(f"{service}/*/service-2.json.gz"):
            _rewrite(model, partial(_with_operations, operations))
            _rewrite(model, _without_documentation)
    _rewrite(data / "endpoints.json", _endpoints_of_our_services)


def _certificates_alone(path: Path) -> None:
    """Leave out the text between certificates, which says for people what is in them."""
    found = re.findall(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n", path.read_text(), re.DOTALL)
    path.write_text("".join(found))


def _rewrite(path: Path, change: Callable[[Any], Any]) -> None:
    zipped = path.suffix == ".gz"
    raw = gzip.decompress(path.read_bytes()) if zipped else path.read_bytes()
    text = json.dumps(change(json.loads(raw)), separators=(",", ":")).encode()
    path.write_bytes(gzip.compress(text, mtime=0) if zipped else text)


def _with_operations(asked: set[str], model: dict[str, Any]) -> dict[str, Any]:
    """The model of a service with these operations, and the shapes that their inputs, outputs and errors have."""
    operations = {name: one for name, one in model["operations"].items() if name in asked}
    shapes: dict[str, Any] = {}
    wanted = _shapes_in(operations)
    while wanted:
        name = wanted.pop()
        if name not in shapes:
            shapes[name] = model["shapes"][name]
            wanted |= _shapes_in(shapes[name])
    return {**model, "operations": operations, "shapes": shapes}


def _shapes_in(value: Any) -> set[str]:
    if isinstance(value, list):
        return {shape for one in value for shape in _shapes_in(one)}
    if isinstance(value, dict):
        own = {value["shape"]} if isinstance(value.get("shape"), str) else set()
        return own | {shape for one in value.values() for shape in _shapes_in(one)}
    return set()


def _without_documentation(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_documentation(one) for one in value]
    if isinstance(value, dict):
        # A shape may have a member of this name. Its value is a map, and documentation is a text.
        return {
            key: _without_documentation(one)
            for key, one in value.items()
            if not (key == "documentation" and isinstance(one, str))
        }
    return value


def _endpoints_of_our_services(endpoints: dict[str, Any]) -> dict[str, Any]:
    for partition in endpoints["partitions"]:
        partition["services"] = {name: one for name, one in partition["services"].items() if name in SERVICES}
    return endpoints


def _compile(folder: Path) -> None:
    """Put bytecode in the place of every source. Routes and bodies keep their docstrings, because OpenAPI has them."""
    described = [path for path in (folder / "chalicelib").rglob("*.py") if DESCRIBED.search(path.read_text())]
    for paths, level in (([folder], "2"), (described, "0")):
        command = [
            sys.executable,
            "-X",
            "no_debug_ranges",
            "-m",
            "compileall",
            "-q",
            "-f",
            "-b",
            "-o",
            level,
            "-s",
            str(folder),
        ]
        command += ["--invalidation-mode", "unchecked-hash", *map(str, paths)]
        subprocess.run(command, check=True)
    for source in list(folder.rglob("*.py")):
        source.unlink()
