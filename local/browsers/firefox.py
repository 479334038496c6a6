"""Debian's Firefox ESR, driven by Playwright over WebDriver BiDi."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from typing import Any

from local.paths import LOCAL, ROOT

INSTALL = "apt-get install firefox-esr"
DARK, LIGHT = 0, 1  # values of the preference that stands for the system's colour scheme


def missing() -> bool:
    """Whether this machine has no Firefox ESR."""
    return shutil.which("firefox-esr") is None


def launch_options(scheme: str = "light") -> dict[str, Any]:
    """What Playwright's `firefox.launch` needs to start it. The colour scheme holds for the whole browser."""
    return {
        "channel": "moz-firefox",
        "executable_path": _starter(),
        "firefox_user_prefs": {
            "layout.css.prefers-color-scheme.content-override": DARK if scheme == "dark" else LIGHT,
            "fission.autostart": False,  # a process of its own for each page would take half as much time again
        },
    }


def _starter() -> str:
    """A script that starts Firefox behind the relay: Playwright takes the path of one program."""
    script = LOCAL / "firefox-esr"
    command = shlex.join([sys.executable, "-m", "local.browsers.bidi_relay", str(shutil.which("firefox-esr"))])
    text = f'#!/bin/sh\nPYTHONPATH={shlex.quote(str(ROOT))} exec {command} "$@"\n'
    if not script.exists() or script.read_text() != text:
        LOCAL.mkdir(exist_ok=True)
        unfinished = script.with_suffix(f".{os.getpid()}")  # several processes may write it at the same time
        unfinished.write_text(text)
        unfinished.chmod(0o755)
        unfinished.rename(script)
    return str(script)
