"""The last resort of promise P4: an answer within three seconds, whatever the network does.

The client's time-outs hold per address and per read, so a name with many addresses or an answer that trickles could
outlast them. This alarm interrupts whatever the request is waiting for; an interrupted call is an unknown outcome like
any other. Alarms reach main threads only, and that is where Lambda runs a handler.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from chalicelib.errors import Unavailable


class TimeIsUp(Unavailable):
    """Raised wherever the request happens to be when its time is up."""


@contextmanager
def answer_within(seconds: float) -> Iterator[None]:
    """Raise `TimeIsUp` inside the block once the time is up."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGALRM, _raise)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _raise(number: int, frame: object) -> None:
    raise TimeIsUp("Time was up. The same request may be sent again.")
