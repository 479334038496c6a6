"""The last means to keep promise P4: an answer within three seconds, whatever the network does.

The timeouts of boto3 start again for each address and each read. A name with many addresses, or an answer that comes
byte by byte, takes longer. This alarm interrupts whatever the request waits for. The outcome of an interrupted call is
unknown, and it is treated like any other unknown outcome. Alarms reach the main thread only, which is where Lambda
runs a handler.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from chalicelib.errors import Unavailable


class TimeIsUp(Unavailable):
    """Raised in the middle of whatever the request does when its time is up."""


@contextmanager
def answer_within(seconds: float) -> Iterator[None]:
    """Raise `TimeIsUp` inside the block when the time is up."""
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
