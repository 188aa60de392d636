"""What is due at some time: a heap whose entries may be given up before."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from itertools import count
from typing import Generic, TypeVar

T = TypeVar("T")

FEW_STALE = 64  # that are not worth a look at the others


class Later(Generic[T]):
    """Things by the time at which they are due, those of one time in the order in which they came.

    Args:
        is_live: Whether a thing is still wanted at a time. What was given up stays in the heap for a while.
    """

    def __init__(self, is_live: Callable[[int, T], bool]) -> None:
        self._is_live = is_live
        self._heap: list[tuple[int, int, T]] = []  # (due_ms, number, thing)
        self._numbers = count()
        self._stale = 0

    def add(self, due_ms: int, thing: T) -> None:
        """A thing is due at a time (ms since the epoch)."""
        heapq.heappush(self._heap, (due_ms, next(self._numbers), thing))

    def take(self, now_ms: int) -> list[T]:
        """What is due and wanted, in order."""
        heap, due = self._heap, []
        while heap and heap[0][0] <= now_ms:
            due_ms, _, thing = heapq.heappop(heap)
            if self._is_live(due_ms, thing):
                due.append(thing)
        return due

    @property
    def next_ms(self) -> int:
        """When the next thing is due, which may have been given up; 0: there is none."""
        return self._heap[0][0] if self._heap else 0

    def given_up(self) -> None:
        """One of the things is not wanted any more. They are removed together, when they are many."""
        self._stale += 1
        if self._stale > FEW_STALE and self._stale * 2 > len(self._heap):
            self._heap = [entry for entry in self._heap if self._is_live(entry[0], entry[2])]
            heapq.heapify(self._heap)
            self._stale = 0
