"""Serves the demo's pages, from an origin of their own: they meet the API across origins, as a publisher's pages do.

The pages are what a publisher would write, but for the address of the API, which stands as {{api}} in them. They come
with the strictest policy that a page with the element can have; whoever breaks it sees it here first.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

PAGE = Path(__file__).resolve().parent / "page"
NOBODY = "http://127.0.0.1:65535"  # an address where no service answers


def policy(api: str) -> str:
    """The Content-Security-Policy of a page that loads the element from `api`."""
    parts = urlsplit(api)
    origin = f"{parts.scheme}://{parts.netloc}"
    return (
        f"default-src 'none'; script-src {origin}; connect-src {origin} {NOBODY}; img-src {origin} data:; "
        f"frame-src {origin}; style-src 'self'; base-uri 'none'; form-action 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )


class DemoServer:
    """A loopback web server in a thread of this process.

    `config` is what it serves as run.json. `feed` makes what it serves as feed.xml.
    """

    def __init__(self, port: int, config: Mapping[str, str], feed: Callable[[], str]) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", port), partial(_Handler, config=config, feed=feed))
        self._server.daemon_threads = True
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}/"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        """Stop answering and free the port."""
        self._server.shutdown()
        self._server.server_close()


class _Handler(SimpleHTTPRequestHandler):
    def __init__(self, *args: object, config: Mapping[str, str], feed: Callable[[], str], **kwargs: object) -> None:
        self._config, self._feed = config, feed
        super().__init__(*args, directory=str(PAGE), **kwargs)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        name = "index.html" if path == "/" else path.removeprefix("/")
        if path == "/run.json":
            self._answer("application/json", json.dumps(self._config))
        elif path == "/feed.xml":
            self._answer("application/rss+xml; charset=utf-8", self._feed())
        elif name in {path.name for path in PAGE.glob("*.html")}:
            page = (PAGE / name).read_text().replace("{{api}}", self._config["api"]).replace("{{dead}}", NOBODY)
            self._answer("text/html; charset=utf-8", page)
        else:
            super().do_GET()

    def _answer(self, media_type: str, text: str) -> None:
        body = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", policy(self._config["api"]))
        self.end_headers()
        self.wfile.write(body)

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name of the base class
        """The terminal is for the addresses."""
