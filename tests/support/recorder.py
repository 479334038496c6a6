"""A server between a page and the API that notes the statuses of answers, which engines tell in different ways."""

from __future__ import annotations

import http.client
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

NOT_PASSED_ON = {"connection", "transfer-encoding", "content-length", "host"}


class Recorder:
    """Passes requests on to `api`; `url` stands for it, and has no slash at its end."""

    def __init__(self, api: str) -> None:
        self.statuses: list[int] = []
        parts, statuses = urlsplit(api), self.statuses

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"  # browsers keep no tags of older answers

            def pass_on(self) -> None:
                upstream = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
                sent = {name: value for name, value in self.headers.items() if name.lower() not in NOT_PASSED_ON}
                upstream.request(self.command, parts.path + self.path, headers=sent)
                answer = upstream.getresponse()
                body = answer.read()
                statuses.append(answer.status)
                self.send_response_only(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in NOT_PASSED_ON:
                        self.send_header(name, value)
                if answer.status != 304:
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = pass_on  # noqa: N815  the name that the base class asks for

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
