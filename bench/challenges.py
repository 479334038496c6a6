"""What a challenge costs: the reader who must solve it, the script that wants many, and the service.

The price is what `admission.budgets` asks of one address after so many new voters in one hour. A step is timed here, on
one processor: with Python and with Node (both OpenSSL), and in each browser engine that this machine has. The
element does several steps at once; one at a time compares with a script. The longest stop is the longest time for which
the page could do nothing else.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from playwright.sync_api import sync_playwright
from rich.console import Console
from rich.table import Table as Grid

from chalicelib.admission.budgets import HOUR, Use, price
from chalicelib.admission.challenges import COST, Solution, Validity, check_solution, make_challenge
from chalicelib.publishing.sites import Budget
from local.browser import SOLVER, build
from local.browsers import engines

BUDGET, SAMPLES, STEPS = Budget(), 200, 600
NEW_VOTERS = (60, 100, 254, 500, 1_000, 2_000, 3_000)
PBKDF2 = f"""
const {{ pbkdf2Sync }} = require("node:crypto");
const began = process.cpuUsage();
for (let i = 0; i < {SAMPLES}; i++) pbkdf2Sync(Buffer.alloc(20, i), Buffer.alloc(16), {COST}, 32, "sha256");
const {{ user, system }} = process.cpuUsage(began);
console.log((user + system) / 1000 / {SAMPLES});
"""
SOLVE = f"""async (atOnce) => {{
    if (atOnce) Object.defineProperty(navigator, "hardwareConcurrency", {{ value: atOnce }});
    const {{ solve }} = await import("/{SOLVER}");
    const parameters = {{
        nonce: "00".repeat(16), salt: "11".repeat(16), cost: {COST}, keyLength: 32, keyPrefix: "zz",
        data: {{ steps: {STEPS} }},
    }};
    let last = performance.now(), longest = 0, ended = false;
    (async () => {{
        while (!ended) {{
            await new Promise(resolve => setTimeout(resolve));
            longest = Math.max(longest, performance.now() - last);
            last = performance.now();
        }}
    }})();
    const began = performance.now();
    await solve({{ parameters }}).catch(() => 0);  // there is no such key: all steps are done
    ended = true;
    return [{STEPS} * 1000 / (performance.now() - began), longest];
}}"""


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`python -m bench challenges`."""
    parser = commands.add_parser("challenges", help="what a new voter costs a reader, a script and the service")
    parser.set_defaults(run=lambda _: show(Console()))


def show(console: Console) -> int:
    """Prints the tables."""
    with_python, with_node = _python_ms(), node_ms()
    console.print(f"A step takes {with_python:.2f} ms of CPU with Python, and {with_node:.2f} ms with Node.")
    script_ms = min(with_python, with_node)
    grid = Grid("new voters of one address in an hour", "steps, at most", "CPU s for the last one", "CPU h for all")
    for number in NEW_VOTERS:
        last, together = steps_of(number - 1), sum(map(steps_of, range(number)))
        seconds = last / 2 * script_ms / 1000
        hours = together / 2 * script_ms / 1000 / HOUR
        grid.add_row(f"{number:,}", f"{last:,}", f"{seconds:.2f}", f"{hours:.2f}")
    console.print(grid)
    console.print(_engines())
    console.print(_service())
    return 0


def steps_of(before: int) -> int:
    """The most steps of the next new voter of an address that has had so many in this hour."""
    return price([Use(BUDGET, 0, before)], HOUR - 1)


def _cpu_ms(do: Callable[[], object]) -> float:
    began = time.process_time()
    for _ in range(SAMPLES):
        do()
    return (time.process_time() - began) * 1000 / SAMPLES


def _python_ms() -> float:
    return _cpu_ms(lambda: hashlib.pbkdf2_hmac("sha256", b"p" * 20, b"s" * 16, COST, 32))


def node_ms() -> float:
    """The CPU time of a step with Node, in milliseconds."""
    done = subprocess.run(
        [str(Path(sys.executable).with_name("node")), "--eval", PBKDF2], capture_output=True, text=True, check=True
    )
    return float(done.stdout)


def _engines() -> Grid:
    grid = Grid("the element's solver in", "steps per second, one at a time", "as it is", "longest stop, ms")
    handler = partial(_Quiet, directory=str(build()))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with sync_playwright() as playwright:
        for name in engines.ENGINES:
            if missing := engines.how_to_install(name):
                grid.add_row(name, "not here", "", missing)
                continue
            engine = engines.start(name, playwright)
            page = engine.new_context().new_page()
            page.goto(f"http://127.0.0.1:{server.server_port}/pinned.json")
            speed, stop = page.evaluate(SOLVE, 0)
            alone, _ = page.evaluate(SOLVE, 1)
            grid.add_row(name, f"{alone:,.0f}", f"{speed:,.0f}", f"{stop:.0f}")
            engine.close()
    server.shutdown()
    return grid


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


def _service() -> Grid:
    validity = Validity("demo", "network", 200, 600)
    made = make_challenge(b"pepper", validity, 100)
    nonce, salt = (bytes.fromhex(made["parameters"][name]) for name in ("nonce", "salt"))
    key = hashlib.pbkdf2_hmac("sha256", nonce + (100).to_bytes(4), salt, COST, 32).hex()
    solution = Solution(made["parameters"], made["signature"], 100, key)
    grid = Grid("the service", "CPU ms")
    grid.add_row("makes a challenge", f"{_cpu_ms(lambda: make_challenge(b'pepper', validity, 100)):.2f}")
    grid.add_row(
        "checks a solution", f"{_cpu_ms(lambda: check_solution(b'pepper', solution, 'demo', {'network'}, 0)):.2f}"
    )
    return grid
