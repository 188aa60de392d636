"""Threads for sync handlers. Daemons, so that one which never returns cannot keep the process from ending."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable


class Threads:
    """Runs jobs in at most `limit` threads, made as they are needed and then kept."""

    def __init__(self, name: str, limit: int) -> None:
        self._name = name
        self._limit = limit
        self._jobs: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._count = 0
        self._idle = 0
        self._waiting = 0
        self._lock = threading.Lock()

    def submit(self, job: Callable[[], None]) -> None:
        """Run a job that raises nothing."""
        with self._lock:
            self._waiting += 1
            if self._waiting > self._idle and self._count < self._limit:
                self._count += 1
                self._idle += 1
                threading.Thread(target=self._work, name=f"{self._name}-{self._count}", daemon=True).start()
        self._jobs.put(job)

    def _work(self) -> None:
        while True:
            job = self._jobs.get()
            with self._lock:
                self._waiting -= 1
                self._idle -= 1
            job()
            with self._lock:
                self._idle += 1
