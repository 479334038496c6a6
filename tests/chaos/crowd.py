"""Many containers at work on one table at the same time, over a faulty network; some are killed and replaced."""

from __future__ import annotations

import multiprocessing
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from typing import Any

from tests.support.container import container
from tests.support.gateway import Answer

Send = Callable[[dict[str, Any]], Answer]


class Containers:
    """One container per thread of the storm; a killed one is replaced."""

    def __init__(self, options: dict[str, str], table: str, seed: int) -> None:
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["tests.support.container"])
        self._arguments = (options, table)
        self._seeds = random.Random(seed)
        self._lock = threading.Lock()

    def start(self) -> tuple[Any, Connection]:
        """A new process and our end of its pipe."""
        with self._lock:
            ours, theirs = self._context.Pipe()
            process = self._context.Process(
                target=container, args=(theirs, *self._arguments, self._seeds.getrandbits(32)), daemon=True
            )
            process.start()
            theirs.close()
        return process, ours


class Lane:
    """Requests one after another to a container, which is killed now and then and replaced."""

    def __init__(self, containers: Containers, rng: random.Random, killed: float) -> None:
        self._containers, self._rng, self._killed = containers, rng, killed
        self._process, self._pipe = containers.start()

    def send(self, rate: float, proxy_event: dict[str, Any]) -> Answer | None:
        """The answer to a request whose calls to the table meet this rate of faults. None: killed meanwhile."""
        self._pipe.send((rate, proxy_event))
        if self._rng.random() < self._killed:
            time.sleep(self._rng.random() * 0.01)
            self._process.kill()
            self._process.join()
            self._process, self._pipe = self._containers.start()
            return None
        answer: Answer = self._pipe.recv()
        return answer

    def end(self) -> Any:
        """End the container. Returns the faults that it met, by kind."""
        self._pipe.send(None)
        faults = self._pipe.recv()
        self._process.join()
        return faults


class Crowd:
    """Lanes of jobs at the same time, each with a container that is killed and replaced now and then."""

    def __init__(self, options: dict[str, str], table: str, seed: int, rate: float, killed: float) -> None:
        self.statuses: Counter[str] = Counter()
        self.containers = Containers(options, table, seed)
        self._seed, self._rate, self._killed = seed, rate, killed
        self._failures: list[BaseException] = []

    def run(self, jobs: Sequence[Callable[[random.Random, Send], None]]) -> None:
        """Do all jobs; raises what one of them met."""
        lanes = [threading.Thread(target=self._lane, args=(job, number)) for number, job in enumerate(jobs)]
        for lane in lanes:
            lane.start()
        for lane in lanes:
            lane.join()
        if self._failures:
            raise self._failures[0]

    def _lane(self, job: Callable[[random.Random, Send], None], number: int) -> None:
        rng = random.Random(f"{self._seed}-{number}")
        lane = Lane(self.containers, rng, self._killed)

        def send(request: dict[str, Any]) -> Answer:
            """Send it until the outcome is known."""
            while True:
                answer = lane.send(self._rate, request)
                self.statuses["killed" if answer is None else str(answer.status)] += 1
                if answer is not None and answer.status != 503:
                    return answer

        try:
            job(rng, send)
            lane.end()
        except BaseException as failure:
            self._failures.append(failure)

    def changed_by(self, requests: Sequence[dict[str, Any]]) -> list[bool]:
        """Send votes once more, without faults. Returns for each whether it changed anything."""
        process, pipe = self.containers.start()
        answers = []
        for request in requests:
            pipe.send((0.0, request))
            answers.append(bool(pipe.recv().json()["changed"]))
        pipe.send(None)
        pipe.recv()
        process.join()
        return answers
