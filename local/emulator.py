"""Starts and stops ministack: AWS, as far as this project uses it, in one process tree on the loopback interface.

It writes its state when it is stopped in an orderly way, and only then; so stopping it well is this module's job.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import boto3

from local.package import REGION
from local.paths import ROOT

START_SECONDS, STOP_SECONDS = 60.0, 30.0
PID_FILE = "ministack.pid"
CREDENTIALS = {"aws_access_key_id": "local", "aws_secret_access_key": "local", "region_name": REGION}


class EmulatorFailed(Exception):
    """ministack did not start or did not stay up; the message says where its log is."""


class Emulator:
    """One ministack, with its state, log and temporary files under `home`."""

    def __init__(self, home: Path, port: int) -> None:
        self.home = home
        self.port = port
        self.endpoint = f"http://127.0.0.1:{port}"
        self.log = home / "ministack.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns once it answers."""
        for folder in ("state", "tmp"):
            (self.home / folder).mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "local.ministack_server"],
                cwd=ROOT,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C in the terminal is ours to handle, not its
            )
        (self.home / PID_FILE).write_text(str(self._process.pid))
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise EmulatorFailed(f"ministack did not start. Its log: {self.log}")
            time.sleep(0.1)

    def running(self) -> bool:
        """Whether the process is alive."""
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        """Let it write its state and end, together with its function workers."""
        if self._process is None:
            return
        if self.running():
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                print(
                    f"ministack did not stop within {STOP_SECONDS:.0f} s and is killed; votes since its start are lost."
                )
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)  # whatever is left of its process group
        self._process.wait()
        self._process = None
        (self.home / PID_FILE).unlink(missing_ok=True)
        shutil.rmtree(self.home / "tmp", ignore_errors=True)  # it leaves unpacked functions behind

    def client(self, service: str) -> Any:
        """An AWS client that talks to this emulator."""
        return boto3.client(service, endpoint_url=self.endpoint, **CREDENTIALS)

    def _environment(self) -> dict[str, str]:
        passed_on = ("PATH", "HOME", "LANG", "AWS_ENDPOINT_URL_DYNAMODB")  # the last one reaches the functions
        return {name: os.environ[name] for name in passed_on if name in os.environ} | {
            "AWS_ACCESS_KEY_ID": CREDENTIALS["aws_access_key_id"],
            "AWS_SECRET_ACCESS_KEY": CREDENTIALS["aws_secret_access_key"],
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(self.port),
            "IOT_MTLS_ENABLED": "0",  # listens on every interface otherwise
            "SFTP_ENABLED": "0",
            "LAMBDA_EXECUTOR": "local",
            "MINISTACK_REGION": REGION,
            "PERSIST_STATE": "1",
            "STATE_DIR": str(self.home / "state"),
            "TMPDIR": str(self.home / "tmp"),
        }

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.endpoint}/_ministack/health", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False


def free_port(preferred: int = 0) -> int:
    """A port that nothing listens on: the preferred one if possible."""
    return preferred if preferred and is_free(preferred) else _any_port()


def is_free(port: int) -> bool:
    """Whether a port of the loopback interface can be listened on."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _any_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def stop_orphan(home: Path) -> None:
    """A killed `make run` leaves its emulator behind, with votes it has not written down: let it write them."""
    pid_file = home / PID_FILE
    if not pid_file.exists():
        return
    pid = int(pid_file.read_text())
    command = Path(f"/proc/{pid}/cmdline")
    if command.exists() and b"ministack" in command.read_bytes():
        print("Stopping the emulator that an earlier run left behind …", flush=True)
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        while command.exists():
            if time.monotonic() > deadline:
                raise EmulatorFailed(f"An earlier ministack (process {pid}) does not stop. End it, then try again.")
            time.sleep(0.1)
    pid_file.unlink()
