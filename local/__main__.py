"""`make run`: bring the stack up, fill the demo the first time, say where it is, and end cleanly."""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import NoReturn

from chalicelib.deadlines import Deadline
from local import newsroom
from local.demo import DemoServer
from local.deploy import DeployFailed, Deployment
from local.emulator import CREDENTIALS, EmulatorFailed, free_port, is_free, stop_orphan
from local.esbuild import ScriptBroken
from local.filling import ARTICLE, SITE, fill
from local.npm import FetchFailed
from local.package import BuildFailed
from local.paths import LOCAL
from local.stack import LocalStack, deployed_table
from ops.seeding import SeedFailed


def main() -> int:
    """The exit status: 0 after Ctrl-C or SIGTERM, 1 when something failed."""
    parser = argparse.ArgumentParser(prog="python -m local", description="The whole stack on this machine.")
    parser.add_argument("--home", type=Path, default=LOCAL, help="where state and run.json are kept (.local)")
    home: Path = parser.parse_args().home.resolve()
    home.mkdir(parents=True, exist_ok=True)
    with (home / "run.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(
                f"Article Votes runs already; its addresses are in {home / 'run.json'} once it is up.", file=sys.stderr
            )
            return 1
        try:
            return _run(home)
        except (BuildFailed, ScriptBroken, FetchFailed, EmulatorFailed, DeployFailed, SeedFailed) as failure:
            print(f"\n{failure}", file=sys.stderr)
            return 1


def _run(home: Path) -> int:
    run_file, ports_file = home / "run.json", home / "ports.json"
    stop_orphan(home)
    run_file.unlink(missing_ok=True)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _leave)
    started = time.monotonic()
    ports = json.loads(ports_file.read_text()) if ports_file.exists() else {}
    stack = LocalStack(home, _api_port(ports.get("api", 0)), say=_Steps())
    demo: DemoServer | None = None
    readers: newsroom.Readers | None = None
    try:
        deployment = stack.up()
        print("[4/4] Preparing the demo …", flush=True)
        missing = fill(deployment)
        config = {"api": deployment.api, "site": SITE, "article": ARTICLE}
        demo = DemoServer(free_port(ports.get("demo", 0)), config, lambda: newsroom.feed(int(time.time())))
        table = deployed_table(deployment)
        newsroom.name_feed(table, f"{demo.url}feed.xml", Deadline(time.monotonic, 30))
        ports_file.write_text(json.dumps({"api": stack.emulator.port, "demo": demo.port}))
        _write_run_file(run_file, deployment, demo)
        _announce(deployment, demo, time.monotonic() - started)
        readers = newsroom.Readers(table, deployment.api, missing)
        while stack.emulator.running():
            threading.Event().wait(1)
        raise EmulatorFailed(f"ministack ended by itself. Its log: {stack.emulator.log}")
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        print("\nStopping …", flush=True)
        run_file.unlink(missing_ok=True)
        if readers is not None:
            readers.stop()
        if demo is not None:
            demo.stop()
        stack.down()
        print("Stopped; the votes are kept.", flush=True)


def _api_port(before: int) -> int:
    """PORT if it is given, else the port of the run before if that is free, else any."""
    given = os.environ.get("PORT")
    if not given:
        return free_port(before)
    if not (given.isascii() and given.isdigit() and 0 < int(given) < 65536 and is_free(int(given))):
        raise EmulatorFailed(f"PORT={given} cannot be listened on. Give a free port, or none.")
    return int(given)


def _leave(number: int, frame: object) -> NoReturn:
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, signal.SIG_IGN)  # once is enough: nothing may interrupt the writing of the state
    raise SystemExit(0)


class _Steps:
    """Numbers and times the steps as they are announced."""

    def __init__(self) -> None:
        self._number = 0

    def __call__(self, step: str) -> None:
        self._number += 1
        print(f"[{self._number}/4] {step} …", flush=True)


def _write_run_file(path: Path, deployment: Deployment, demo: DemoServer) -> None:
    run = {
        "api": deployment.api,
        "demo": demo.url,
        "site": SITE,
        "article": ARTICLE,
        "table_name": deployment.table,
        "pepper_secret": deployment.pepper_secret,
        "token_key_secret": deployment.token_key_secret,
        "endpoint": deployment.endpoint,
        "credentials": CREDENTIALS,  # made up, for `ops --local`
        "pid": os.getpid(),
    }
    unfinished = path.with_suffix(".part")
    unfinished.write_text(json.dumps(run, indent=2) + "\n")
    unfinished.rename(path)


def _announce(deployment: Deployment, demo: DemoServer, seconds: float) -> None:
    print(f"\nArticle Votes is up after {seconds:.0f} s. Press Ctrl-C to stop; the votes are kept.\n")
    print(f"  An article  {demo.url}")
    print(f"  Front page  {demo.url}front.html")
    print(f"  Gallery     {demo.url}gallery.html")
    print(
        f"  Dashboard   {deployment.api}/dashboard?site={newsroom.SITE}   (its fortnight fills within a minute or two)"
    )
    print(f"  API base    {deployment.api}")
    print(f"  OpenAPI     {deployment.api}/openapi.json\n", flush=True)


if __name__ == "__main__":
    sys.exit(main())
