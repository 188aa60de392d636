"""Clients that send parcels all the time, through a balancer, and remember how each was answered."""

from __future__ import annotations

import itertools
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType

import httpx

CLIENTS = 4
PAUSE_S = 0.03
PATIENCE = httpx.Timeout(
    40, connect=2
)  # seconds; longer than anything may take, but as balancers do for a core that is gone
TRIED_ELSEWHERE = {503: "DRAINING"}  # what a balancer asks another core after


@dataclass(frozen=True, slots=True)
class Answer:
    """How a request was answered."""

    id: str
    how: str  # "202", "503 NO_SIDECAR", "ConnectError"
    seconds: float
    at_s: float  # monotonic


class Load:
    """Sends parcels while it is entered.

    Args:
        urls: The cores. A request that one refuses, as it does while it stops, goes to the next.
    """

    def __init__(self, urls: Sequence[str], path: str = "/parcels") -> None:
        self.urls = list(urls)  # may be changed while it runs
        self.answers: list[Answer] = []
        self._path = path
        self._ids = itertools.count()
        self._name = f"{time.time_ns():x}"
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._send_all, args=(number,)) for number in range(CLIENTS)]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def accepted(self) -> set[str]:
        """What was promised to be delivered."""
        return {answer.id for answer in self.answers if answer.how == "202"}

    def failures(self) -> Counter[str]:
        """How often what was answered instead."""
        return Counter(answer.how for answer in self.answers if answer.how != "202")

    def slowest_s(self) -> float:
        """The longest that somebody waited for an answer."""
        return max((answer.seconds for answer in self.answers), default=0.0)

    def more(self, count: int = 20, within_s: float = 40) -> None:
        """Wait until so many more were accepted."""
        until, goal = time.monotonic() + within_s, len(self.accepted()) + count
        while len(self.accepted()) < goal:
            assert time.monotonic() < until, f"{goal - len(self.accepted())} of {count} not accepted: {self.failures()}"
            time.sleep(0.05)

    def _send_all(self, number: int) -> None:
        with httpx.Client(timeout=PATIENCE) as client:
            while not self._stop.wait(PAUSE_S):
                self._send(client, f"{self._name}-{next(self._ids)}", number)

    def _send(self, client: httpx.Client, id: str, number: int) -> None:
        began_s = time.monotonic()
        how = ""
        for url in [*self.urls[number % len(self.urls) :], *self.urls[: number % len(self.urls)]]:
            try:
                answer = client.post(f"{url}{self._path}", json={"id": id})
            except (httpx.ConnectError, httpx.ConnectTimeout):
                how = "no connection"
                continue
            except httpx.HTTPError as error:
                how = type(error).__name__
                break
            how = str(answer.status_code) if answer.is_success else f"{answer.status_code} {_code(answer)}"
            if TRIED_ELSEWHERE.get(answer.status_code) != _code(answer):
                break
        now_s = time.monotonic()
        self.answers.append(Answer(id, how, now_s - began_s, now_s))


def _code(answer: httpx.Response) -> str:
    try:
        body = answer.json()
    except ValueError:
        return "?"
    return str(body.get("code", "?")) if isinstance(body, dict) else "?"
