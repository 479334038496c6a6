"""WebDriver: a display, the driver's process, and commands to the browser."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.emulator import free_port
from local.paths import LOCAL

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # how WebDriver names a reference to an element
MINI_BROWSERS = ("webkit2gtk-4.1", "webkit2gtk-4.0", "webkitgtk-6.0")
INSTALL = "apt-get install webkit2gtk-driver xvfb locales"
LOCALES = LOCAL / "locales"
START_SECONDS, COMMAND_SECONDS = 30, 60
SCRIPT_MS = 2_000_000_000
# So small that the pointer, which Xvfb puts into its middle, is over every window and out of the way: the window under
# the pointer has the focus where there is no window manager. Windows may be larger than the screen.
SCREEN = "24x24x24"
# The browser's own toolbar would keep windows from being as narrow as a phone.
NARROW = "button { padding: 0; min-width: 0; margin: 0; border-width: 0 }"


class WebDriverFailed(Exception):
    """A command failed; `code` is WebDriver's own word for why, such as "javascript error"."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message = code, message


def missing() -> bool:
    """Whether this machine lacks WebKit's driver or the display it needs."""
    return shutil.which("WebKitWebDriver") is None or shutil.which("Xvfb") is None


class Display:
    """A screen that nobody sees, on a free display number."""

    def __init__(self) -> None:
        reading, writing = os.pipe()
        self._process = subprocess.Popen(
            ["Xvfb", "-displayfd", str(writing), "-screen", "0", SCREEN, "-nolisten", "tcp"],
            pass_fds=[writing],
            stderr=subprocess.DEVNULL,
        )
        os.close(writing)
        with os.fdopen(reading) as number:
            self.name = f":{number.readline().strip()}"

    def close(self) -> None:
        """Take the screen away."""
        self._process.terminate()
        self._process.wait(START_SECONDS)


@dataclass(frozen=True)
class Reader:
    """Whose browser it is: a language tag, a time zone, a colour scheme."""

    locale: str = "en-US"
    timezone: str = "UTC"
    scheme: str = "light"


class Session:
    """One browser with nothing in it, and commands to it. It keeps what it needs, and downloads, in `home`."""

    def __init__(self, display: Display, proxy_port: int, reader: Reader, home: Path) -> None:
        port = free_port()
        self._address = f"http://127.0.0.1:{port}"
        self.downloads = home / "downloads"
        self._driver = subprocess.Popen(
            ["WebKitWebDriver", f"--port={port}"],
            env={**_environment(reader, home), "DISPLAY": display.name},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            self._start(port, proxy_port, reader)
        except BaseException:
            self.close()
            raise

    def _start(self, port: int, proxy_port: int, reader: Reader) -> None:
        _wait_for(port)
        arguments = ["--automation", "--full-screen", f"--time-zone={reader.timezone}"]
        if reader.scheme == "dark":
            arguments.append("--dark-mode")
        wanted = {
            "webkitgtk:browserOptions": {"binary": str(_mini_browser()), "args": arguments},
            "proxy": {"proxyType": "manual", "httpProxy": f"127.0.0.1:{proxy_port}"},
            "pageLoadStrategy": "none",  # commands work while a page is loading, too
        }
        started = self._call("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})
        self._path = f"/session/{started['sessionId']}"
        self.version: str = started["capabilities"]["browserVersion"]
        # WebKit measures this by the page's own timers, which a test may move by hours.
        self.post("timeouts", script=SCRIPT_MS)

    def get(self, command: str) -> Any:
        """The value that a GET command answers."""
        return self._call("GET", f"{self._path}/{command}")

    def post(self, command: str, **parameters: Any) -> Any:
        """The value that a POST command answers. Raises `WebDriverFailed`."""
        return self._call("POST", f"{self._path}/{command}", parameters)

    def delete(self, command: str) -> Any:
        """The value that a DELETE command answers."""
        return self._call("DELETE", f"{self._path}/{command}")

    def close(self) -> None:
        """Kill the browser and its driver. Nothing that they would save is needed."""
        os.killpg(self._driver.pid, signal.SIGKILL)
        self._driver.wait(START_SECONDS)

    def _call(self, method: str, path: str, body: object = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._address + path, data, method=method)
        try:
            with urllib.request.urlopen(request, timeout=COMMAND_SECONDS) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            told = json.load(error)["value"]
            raise WebDriverFailed(told["error"], told.get("message", "")) from None


def _environment(reader: Reader, home: Path) -> dict[str, str]:
    """The browser's environment. WebKit takes its language from the locale, which must exist on the machine."""
    (home / "gtk-3.0").mkdir(parents=True)
    (home / "gtk-3.0" / "gtk.css").write_text(NARROW)
    (home / "downloads").mkdir()
    (home / "user-dirs.dirs").write_text(f'XDG_DOWNLOAD_DIR="{home / "downloads"}"\n')
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG"))}
    environment = {
        **inherited,
        "GDK_BACKEND": "x11",
        "XDG_CONFIG_HOME": str(home),
        "WEBKIT_SKIA_ENABLE_CPU_RENDERING": "1",  # without a graphics card, its GPU thread crashes now and then
    }
    if reader.locale == Reader.locale:
        return environment
    name = "C.UTF-8" if reader.locale == "C" else f"{reader.locale.replace('-', '_')}.UTF-8"
    if name != "C.UTF-8" and not (LOCALES / name).exists():
        _make_locale(name)
    return {**environment, "LOCPATH": str(LOCALES), "LC_ALL": name}


def _make_locale(name: str) -> None:
    """Compile a locale; several processes may want it at the same time."""
    LOCALES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=LOCALES) as folder:
        command = ["localedef", "-i", name.removesuffix(".UTF-8"), "-f", "UTF-8", f"{folder}/{name}"]
        subprocess.run(command, check=False, capture_output=True)  # it warns, and returns 1 for warnings
        with contextlib.suppress(OSError):  # another process was first
            Path(folder, name).rename(LOCALES / name)


def _mini_browser() -> Path:
    for library in MINI_BROWSERS:
        for path in Path("/usr/lib").glob(f"*/{library}/MiniBrowser"):
            return path
    raise WebDriverFailed("no browser", f"MiniBrowser is missing. Install it: {INSTALL}")


def _wait_for(port: int) -> None:
    limit = time.monotonic() + START_SECONDS
    while time.monotonic() < limit:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise WebDriverFailed("timeout", "WebKitWebDriver does not listen.")
