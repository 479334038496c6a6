"""Serves the demo page, from an origin of its own: the page meets the API across origins, as a publisher's does."""

from __future__ import annotations

import json
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

PAGE = Path(__file__).resolve().parent / "page"


class DemoServer:
    """A loopback web server in a thread of this process; `config` is what the page reads as run.json."""

    def __init__(self, port: int, config: dict[str, str]) -> None:
        handler = partial(_Handler, config=json.dumps(config).encode())
        self._server = ThreadingHTTPServer(("127.0.0.1", port), handler)
        self._server.daemon_threads = True
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}/"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        """Stop answering and free the port."""
        self._server.shutdown()
        self._server.server_close()


class _Handler(SimpleHTTPRequestHandler):
    def __init__(self, *args: object, config: bytes, **kwargs: object) -> None:
        self._config = config
        super().__init__(*args, directory=str(PAGE), **kwargs)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        if self.path != "/run.json":
            super().do_GET()
            return
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(self._config)))
        self.end_headers()
        self.wfile.write(self._config)

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name of the base class
        """The terminal is for the addresses."""
