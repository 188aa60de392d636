"""The in-memory window on one step's deliveries: which may run now, and which wait for a time.

Everything here is on disk already. A window that is full skips what comes, remembers from where on the store holds
more than the memory, and reads on from there when there is room.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence

from motia_core.engine.later import Later
from motia_core.engine.ports import Key, Queue
from motia_core.model.event import NEVER_MS, Delivery

LATER = 20  # windows of deliveries that wait for a time; they cost memory only, so more of them are held
SOON_MS = 3_600_000  # what is due sooner is held also when as many wait for longer
START: Key = (-(2**53), 0)


class Held:
    """The ids that the memory knows, from when they come in until their end is on disk.

    A read of the store that began before an end was on disk may still yield it: ids that were let go while a read is
    under way are known until it is over, as those that are in doubt. And a read may yield what is being stored before
    the store has said so: what is expected comes in by whichever is first, and the other is not believed.
    """

    def __init__(self) -> None:
        self._ids: set[int] = set()
        self._ended: set[int] = set()
        self._expected: set[int] = set()
        self._reads = 0  # under way

    def __contains__(self, delivery_id: int) -> bool:
        return delivery_id in self._ids or delivery_id in self._ended

    def __len__(self) -> int:
        return len(self._ids)

    def add(self, delivery_id: int) -> None:
        self._ids.add(delivery_id)
        self._expected.discard(delivery_id)

    def expect(self, delivery_id: int) -> None:
        """It is being stored."""
        self._expected.add(delivery_id)

    def arrived(self, delivery_id: int) -> bool:
        """It is stored, or was not to be. False: it was not expected, or a read had it first."""
        if delivery_id in self._expected:
            self._expected.remove(delivery_id)
            return True
        return False

    def remove(self, delivery_id: int) -> None:
        self._ids.discard(delivery_id)
        if self._reads:
            self._ended.add(delivery_id)

    def is_in_doubt(self, delivery_id: int) -> bool:
        """Whether what says that it is in the store may be older than its end, or newer: it may have come back."""
        return delivery_id in self._ended and delivery_id not in self._ids

    def begin_read(self) -> None:
        self._reads += 1

    def end_read(self) -> None:
        self._reads -= 1
        if not self._reads:
            self._ended.clear()


class Position:
    """How far the memory knows one order of the store."""

    def __init__(self) -> None:
        self.tail = START  # up to here everything is known
        self.behind = True  # the store may hold more after `tail`
        self._missed: Key | None = None  # the first that came during a read, which may have it or not
        self.reading = False

    def skip(self, key: Key) -> None:
        """A delivery was not taken into memory."""
        before = (key[0], key[1] - 1)
        self.tail = min(self.tail, before) if self.behind else before
        self.behind = True
        if self.reading and (self._missed is None or before < self._missed):
            self._missed = before

    def read(self, last: Key | None, *, complete: bool) -> None:
        """The store was read after `tail`, up to `last`."""
        self.reading = False
        self.tail = last or self.tail
        self.behind = not complete
        missed, self._missed = self._missed, None
        if missed is not None:
            self.tail = min(self.tail, missed)
            self.behind = True


class Backlog:
    """Deliveries of one step that are in no lane, by priority and age.

    Args:
        held: What is known of the step, shared with its lanes.
        window: How many deliveries that could run are held at most, beside those put back for a retry.
    """

    def __init__(self, held: Held, window: int) -> None:
        self._held = held
        self._window = window
        self._ready: list[tuple[int, int, Delivery]] = []  # (-priority, id, delivery)
        self._waiting: dict[int, Delivery] = {}
        self._later: Later[Delivery] = Later(self._waits)  # those of `_waiting`
        self.perhaps_woken: list[int] = []  # the store said that they are due; that may be older than their due times
        self._due = Position()
        self._delayed = Position()

    def __len__(self) -> int:
        """Deliveries that wait here; running ones are not counted."""
        return len(self._ready) + len(self._waiting)

    def __iter__(self) -> Iterator[Delivery]:
        """The same, in no order."""
        yield from (delivery for _, _, delivery in self._ready)
        yield from self._waiting.values()

    @property
    def has_ready(self) -> bool:
        """Whether `next` would give one."""
        return bool(self._ready)

    @property
    def wants_more(self) -> bool:
        """Whether it is time to read on in the store."""
        return (self._due.behind and self._wants_due) or (self._delayed.behind and self._wants_delayed)

    def add(self, delivery: Delivery, now_ms: int) -> None:
        """Take a delivery that is in the store, or skip it when there is no room."""
        if delivery.id in self._held:
            return
        due_ms = delivery.due_ms
        key = (due_ms, delivery.id) if due_ms else (-delivery.priority, delivery.id)
        position = self._delayed if due_ms else self._due
        if due_ms == NEVER_MS:  # until somebody hurries it
            return
        if not self._has_room(due_ms, now_ms) or (position.behind and key > position.tail):
            position.skip(key)
            return
        self._held.add(delivery.id)
        self._place(delivery, now_ms)

    def next(self) -> Delivery:
        """The next delivery that may run now; there must be one. `put_back` or `let_go` follows."""
        return heapq.heappop(self._ready)[2]

    def put_back(self, delivery: Delivery, now_ms: int) -> None:
        """A delivery that `next` gave is to run again, at its due time."""
        self._place(delivery, now_ms)

    def is_waiting(self, delivery_id: int) -> bool:
        """Whether it waits for its due time."""
        return delivery_id in self._waiting

    def hurry(self, delivery_id: int) -> bool:
        """A delivery that waits for its due time is due now, and remembers why. False: none such is in memory."""
        delivery = self._waiting.pop(delivery_id, None)
        if delivery is None:
            return False
        delivery.due_ms = 0
        delivery.has_progress = True
        self._later.given_up()
        self._place(delivery, 0)
        return True

    def let_go(self, delivery: Delivery) -> None:
        """The end of a delivery that `next` gave is on disk."""
        self._held.remove(delivery.id)

    def wake(self, now_ms: int) -> int:
        """Make ready what has become due; when the next one is due (ms since the epoch; 0: none waits)."""
        for delivery in self._later.take(now_ms):
            del self._waiting[delivery.id]
            heapq.heappush(self._ready, (-delivery.priority, delivery.id, delivery))
        return self._later.next_ms

    async def read_on(self, queue: Queue, step_id: str, shards: Sequence[int], now_ms: int) -> None:
        """Read one page from the store."""
        is_due = self._wants_due
        position = self._due if is_due else self._delayed
        read = queue.read_due if is_due else queue.read_later
        position.reading = True
        self._held.begin_read()
        try:
            page = await read(step_id, shards, after=position.tail, limit=self._window)
            for delivery in page:
                if delivery.id not in self._held and delivery.due_ms != NEVER_MS:
                    self._held.add(delivery.id)
                    self._place(delivery, now_ms)
                elif delivery.id in self._waiting and not delivery.due_ms:
                    self.perhaps_woken.append(delivery.id)
            keys = [(-one.priority if is_due else one.due_ms, one.id) for one in page[-1:]]
            position.read(keys[0] if keys else None, complete=len(page) < self._window)
        finally:
            position.reading = False
            self._held.end_read()

    def restart(self) -> None:
        """Other shards are read from now on: nothing is known of the store."""
        self._due.skip(START)
        self._delayed.skip(START)

    @property
    def _wants_due(self) -> bool:
        return self._due.behind and len(self._ready) <= self._window // 2

    @property
    def _wants_delayed(self) -> bool:
        return self._delayed.behind and len(self._waiting) <= LATER * self._window // 2

    def _has_room(self, due_ms: int, now_ms: int) -> bool:
        if not due_ms:
            return len(self._ready) < self._window
        windows = LATER if due_ms > now_ms + SOON_MS else 2 * LATER
        return len(self._waiting) < windows * self._window

    def _waits(self, due_ms: int, delivery: Delivery) -> bool:
        return self._waiting.get(delivery.id) is delivery and delivery.due_ms == due_ms

    def _place(self, delivery: Delivery, now_ms: int) -> None:
        if delivery.due_ms == NEVER_MS:
            self._held.remove(delivery.id)
        elif delivery.due_ms > now_ms:
            self._waiting[delivery.id] = delivery
            self._later.add(delivery.due_ms, delivery)
        else:
            heapq.heappush(self._ready, (-delivery.priority, delivery.id, delivery))
