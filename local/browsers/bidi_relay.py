"""Starts Firefox for Playwright and answers the one command that Firefox ESR does not know.

Playwright drives Firefox over WebDriver BiDi. For each new context it sends `emulation.setMediaFeaturesOverride`, which
Firefox ESR 153 refuses as an unknown command, and then Playwright gives up. This program stands between the two: it
passes every message on, but confirms that one command itself. (Colour schemes are set by a preference instead, see
`firefox.py`.) It also makes a reader's first page a tab. It can go when Debian's Firefox ESR knows the command.

Playwright starts it as if it were Firefox: `python -m local.browsers.bidi_relay FIREFOX [ARGUMENT ...]`.
"""

from __future__ import annotations

import asyncio
import json
import re
import signal
import socket
import sys
from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType, web

UNKNOWN_TO_FIREFOX = "emulation.setMediaFeaturesOverride"
LISTENING = re.compile(rb"(?<=WebDriver BiDi listening on )ws://\S+")
MOST_BYTES = 256 * 1024 * 1024


async def main(command: list[str]) -> int:
    """Run Firefox until it ends or Playwright stops this program; Firefox's exit status."""
    firefox = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE, stdout=sys.stderr)
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, firefox.terminate)
    told = firefox.stderr
    while told and (line := await told.readline()):
        found = LISTENING.search(line)
        if found:
            port = await _listen(found.group().decode())
            sys.stderr.buffer.write(b"WebDriver BiDi listening on ws://127.0.0.1:%d\n" % port)
        else:
            sys.stderr.buffer.write(line)
        sys.stderr.buffer.flush()
    return await firefox.wait()  # what still listens ends with this program; to close it would wait for Playwright


async def _listen(firefox: str) -> int:
    """Accept Playwright's connection on a free port and connect it to Firefox's address; the port."""

    async def relay(request: web.Request) -> web.WebSocketResponse:
        playwright = web.WebSocketResponse(max_msg_size=MOST_BYTES)
        readers: set[str] = set()
        await playwright.prepare(request)
        async with (
            ClientSession() as session,
            session.ws_connect(firefox + request.path, max_msg_size=MOST_BYTES) as browser,
        ):
            back = asyncio.create_task(_pass_on(browser, playwright))
            async for message in playwright:
                if message.type is WSMsgType.TEXT:
                    asked = json.loads(message.data)
                    if asked["method"] == UNKNOWN_TO_FIREFOX:
                        await playwright.send_json({"type": "success", "id": asked["id"], "result": {}})
                    else:
                        await browser.send_json(_cheaper(asked, readers))
            back.cancel()
        return playwright

    app = web.Application()
    app.router.add_get("/{path:.*}", relay)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port: int = runner.addresses[0][1]
    return port


def _cheaper(asked: dict[str, Any], readers: set[str]) -> dict[str, Any]:
    """The command. If it opens a reader's first page, it opens a tab, which takes Firefox half the time of a window.

    A reader's second page stays a window, so that both are visible.
    """
    if asked["method"] == "browsingContext.create":
        reader = asked["params"]["userContext"]
        if reader not in readers:
            readers.add(reader)
            return {**asked, "params": {**asked["params"], "type": "tab"}}
    return asked


async def _pass_on(browser: ClientWebSocketResponse, playwright: web.WebSocketResponse) -> None:
    connection: socket.socket = browser.get_extra_info("socket")
    async for message in browser:
        # Firefox sends its next message when this one is acknowledged, which the kernel would put off for 40 ms.
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        if message.type is WSMsgType.TEXT:
            await playwright.send_str(message.data)


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))
