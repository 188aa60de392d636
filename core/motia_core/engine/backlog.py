"""The in-memory window on one step's deliveries: which may run now, which wait for a time or for their group.

Everything here is on disk already. A window that is full skips what comes; `tail` says up to which id the memory
knows the store, and the owner reads on from there when there is room.
"""

from __future__ import annotations

import heapq
from collections import deque

from motia_core.model.event import Delivery

LATER = 20  # windows of deliveries that wait for a time; they cost memory only, so more of them are held


class StepBacklog:
    """Deliveries of one step in memory.

    Args:
        fifo: Deliveries of a group run in order, one at a time; groups run in parallel.
        window: How many deliveries that could run are held at most, beside those put back for a retry.
    """

    def __init__(self, *, fifo: bool, window: int) -> None:
        self.fifo = fifo
        self.tail = 0  # highest id that was taken into memory
        self._window = window
        self.skipped = 0  # highest id that was not taken in for want of room
        self._ready: deque[Delivery] = deque()
        self._later: list[tuple[int, int, Delivery]] = []  # (due_ms, id, delivery)
        self._groups: dict[str, deque[Delivery]] = {}  # fifo: claimed groups, and who waits behind their heads
        self._behind_heads = 0  # deliveries in _groups
        self._reading = True  # nothing is known of the store yet

    def __len__(self) -> int:
        """Deliveries held; running ones are not."""
        return len(self._ready) + len(self._later) + self._behind_heads

    @property
    def behind(self) -> bool:
        """Whether the store holds deliveries that were skipped."""
        return self.skipped > self.tail

    @property
    def wants_more(self) -> bool:
        """Whether it is time to read on in the store."""
        return self.behind and len(self._ready) + self._behind_heads <= self._window // 2 and self._has_room

    def add(self, delivery: Delivery, now_ms: int) -> None:
        """Take a delivery that has just been stored, or skip it when there is no room."""
        if delivery.id <= self.tail:
            return  # read from the store already
        if self._reading or self.behind or not self._has_room:
            self.skipped = max(self.skipped, delivery.id)
        else:
            self._take(delivery, now_ms)

    def add_again(self, delivery: Delivery) -> None:
        """Take a delivery that came back from the dead letters; it is on disk under an id of the past."""
        if delivery.id > self.tail:
            self.skipped = max(self.skipped, delivery.id)
        else:
            self._place(delivery, 0)

    def begin_read(self) -> int:
        """The store is about to be read after `tail`: what comes meanwhile is skipped, the read may have it or not.

        Returns:
            `skipped`, for `extend`.
        """
        self._reading = True
        return self.skipped

    def extend(self, read: list[Delivery], now_ms: int, *, complete: bool, skipped: int) -> None:
        """Take what was read from the store after `tail`.

        Args:
            complete: There was nothing more to read.
            skipped: What `begin_read` returned: what was skipped since may not be in `read`.
        """
        self._reading = False
        for delivery in read:
            self._take(delivery, now_ms)
        if not complete:
            self.skipped = max(self.skipped, self.tail + 1)
        elif self.skipped == skipped:
            self.skipped = 0

    def next(self) -> Delivery | None:
        """The next delivery that may run now; in a fifo queue it is the head of its group from here on."""
        return self._ready.popleft() if self._ready else None

    def put_back(self, delivery: Delivery, now_ms: int) -> None:
        """A delivery that `next` gave is to run again, at its due time. In a fifo queue its group waits for it."""
        if delivery.due_ms > now_ms:
            heapq.heappush(self._later, (delivery.due_ms, delivery.id, delivery))
        else:
            self._ready.appendleft(delivery)

    def done(self, delivery: Delivery) -> None:
        """A delivery that `next` gave is over; in a fifo queue the next of its group may run."""
        if not self.fifo:
            return
        group = self._groups[delivery.group_id]
        if group:
            self._behind_heads -= 1
            self._ready.append(group.popleft())
        else:
            del self._groups[delivery.group_id]

    def wake(self, now_ms: int) -> int:
        """Make ready what has become due; when the next one is due (ms since the epoch; 0: none waits)."""
        while self._later and self._later[0][0] <= now_ms:
            self._ready.append(heapq.heappop(self._later)[2])
        return self._later[0][0] if self._later else 0

    @property
    def _has_room(self) -> bool:
        return len(self._ready) + self._behind_heads < self._window and len(self._later) < LATER * self._window

    def _take(self, delivery: Delivery, now_ms: int) -> None:
        self.tail = delivery.id
        self._place(delivery, now_ms)

    def _place(self, delivery: Delivery, now_ms: int) -> None:
        if self.fifo:
            group = self._groups.get(delivery.group_id)
            if group is not None:
                self._behind_heads += 1
                group.append(delivery)
                return
            self._groups[delivery.group_id] = deque()
        if delivery.due_ms > now_ms:
            heapq.heappush(self._later, (delivery.due_ms, delivery.id, delivery))
        else:
            self._ready.append(delivery)
