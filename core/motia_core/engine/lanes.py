"""The in-memory window on one step's lanes: message groups that run in order, keys of which so many run at once.

A lane that waits costs the others nothing: each holds a few deliveries only and reads on by itself, and lanes that
found no room are found in the store by their names, in turn.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterator
from itertools import count

from motia_core.engine.backlog import Held
from motia_core.engine.later import Later
from motia_core.engine.ports import Queue
from motia_core.model.event import NEVER_MS, Delivery

PAGE = 64  # deliveries of a lane that are held at most, beside those put back for a retry
MOST_DELAYED = 20 * PAGE  # of a lane: it is read no further than that before one of them is due


class Lane:
    """Deliveries that share a message group or a key."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.waiting: deque[Delivery] = deque()
        self.running = 0
        self.offered = False  # stands among the lanes that may run something
        self.tail = 0  # up to this id everything is known
        self.more = False  # the store may hold more after `tail`
        self.missed: int | None = None  # before the first that came while the lane was read
        self.delayed: dict[int, Delivery] = {}  # they wait for their due times and hold nobody up

    @property
    def is_idle(self) -> bool:
        return not (self.waiting or self.running or self.more or self.delayed)


class Lanes:
    """All lanes of one step.

    Args:
        held: What is known of the step.
        window: How many lanes are held at most.
        concurrency: Deliveries of one lane at once.
        in_order: A delivery that waits for its due time holds up its lane.
    """

    def __init__(self, held: Held, window: int, concurrency: int, *, in_order: bool) -> None:
        self.concurrency = concurrency
        self.in_order = in_order
        self.shared = False  # other cores store deliveries, too: what is handed over may have come after one of theirs
        self._held = held
        self._window = window
        self._lanes: dict[str, Lane] = {}
        self._ready: list[tuple[int, int, Lane]] = []  # (-priority of the head, turn, lane)
        self._later: Later[tuple[Delivery, Lane]] = Later(self._waits)  # delayed ones and heads of lanes
        self._short: dict[str, Lane] = {}  # lanes that are to be read
        self._turns = count()
        self._after_lane = ""  # lanes up to this name were found
        self._behind = False  # the store may hold lanes that are not known
        self._skipped = False  # a lane found no room since the search for lanes began
        self._restarts = 0
        self.perhaps_woken: list[int] = []  # the store said that they are due; that may be older than their due times

    def __len__(self) -> int:
        return sum(len(lane.waiting) + len(lane.delayed) for lane in self._lanes.values())

    def __iter__(self) -> Iterator[Delivery]:
        """The same, in no order."""
        for lane in self._lanes.values():
            yield from lane.waiting
            yield from lane.delayed.values()

    @property
    def has_ready(self) -> bool:
        """Whether `next` may give one."""
        return bool(self._ready)

    @property
    def wants_more(self) -> bool:
        """Whether it is time to read on in the store."""
        return bool(self._short) or (self._behind and len(self._lanes) <= self._window // 2)

    def add(self, delivery: Delivery, now_ms: int) -> None:
        """Take a delivery that is in the store, or skip it when there is no room."""
        if delivery.id in self._held:
            return
        lane = self._lanes.get(delivery.lane)
        if lane is None:
            if self._behind or len(self._lanes) >= self._window:
                self._behind = self._skipped = True
                return
            lane = self._lanes[delivery.lane] = Lane(delivery.lane)
        if lane.more or len(lane.waiting) >= PAGE or (self.shared and self.in_order):
            if not lane.more:
                self._short[lane.name] = lane
            lane.more = True
            lane.tail = min(lane.tail, delivery.id - 1)
            lane.missed = lane.tail if lane.missed is None else min(lane.missed, lane.tail)
            return
        self._take(lane, delivery)
        self._offer(lane, now_ms)

    def next(self, now_ms: int) -> Delivery | None:
        """The next delivery that may run now. `put_back` or `let_go` follows."""
        while self._ready:
            lane = heapq.heappop(self._ready)[2]
            lane.offered = False
            if lane.waiting and lane.waiting[0].due_ms <= now_ms and lane.running < self.concurrency:
                delivery = lane.waiting.popleft()
                lane.running += 1
                self._offer(lane, now_ms)
                return delivery
            self._offer(lane, now_ms)
        return None

    def put_back(self, delivery: Delivery, now_ms: int) -> None:
        """A delivery that `next` gave is to run again, at its due time. In order, its lane waits for it."""
        lane = self._lanes[delivery.lane]
        lane.running -= 1
        lane.waiting.appendleft(delivery)
        self._offer(lane, now_ms)

    def let_go(self, delivery: Delivery, now_ms: int) -> None:
        """The end of a delivery that `next` gave is on disk: the next of its lane may run."""
        self._held.remove(delivery.id)
        lane = self._lanes[delivery.lane]
        lane.running -= 1
        self._offer(lane, now_ms)
        self._drop_if_idle(lane)

    def is_waiting(self, delivery: Delivery) -> bool:
        """Whether it waits for its due time."""
        lane = self._lanes.get(delivery.lane)
        if lane is None:
            return False
        return delivery.id in lane.delayed or any(one.id == delivery.id and one.due_ms for one in lane.waiting)

    def hurry(self, delivery: Delivery, now_ms: int) -> bool:
        """A delivery that waits for its due time is due now, and remembers why. False: it is not in memory."""
        lane = self._lanes.get(delivery.lane)
        if lane is None:
            return False
        own = lane.delayed.pop(delivery.id, None)
        if own is not None:
            self._later.given_up()
            lane.waiting.appendleft(own)
        else:
            own = next((one for one in lane.waiting if one.id == delivery.id), None)
        if own is None:
            return False
        own.due_ms = 0
        own.has_progress = True
        self._offer(lane, now_ms)
        return True

    def wake(self, now_ms: int) -> int:
        """Make ready what has become due; when the next one is due (ms since the epoch; 0: none waits)."""
        for delivery, lane in self._later.take(now_ms):
            if lane.delayed.pop(delivery.id, None) is not None:
                lane.waiting.appendleft(delivery)
            self._offer(lane, now_ms)
        return self._later.next_ms

    async def read_on(self, queue: Queue, step_id: str, now_ms: int) -> None:
        """Read one page of a lane, or the names of some lanes."""
        self._held.begin_read()
        try:
            if self._short:
                _, lane = self._short.popitem()
                await self._read_lane(lane, queue, step_id, now_ms)
            else:
                await self._find_lanes(queue, step_id)
        finally:
            self._held.end_read()

    def restart(self) -> None:
        """Nothing is known of the store."""
        self._behind, self._after_lane, self._skipped = True, "", True
        self._restarts += 1
        for lane in self._lanes.values():
            lane.more, lane.tail = True, 0
            self._short[lane.name] = lane

    async def _read_lane(self, lane: Lane, queue: Queue, step_id: str, now_ms: int) -> None:
        lane.more, lane.missed, restarts = True, None, self._restarts
        try:
            page = await queue.read_lane(step_id, lane.name, after_id=lane.tail, limit=PAGE)
        except BaseException:
            self._short[lane.name] = lane
            raise
        for delivery in page:
            if delivery.id not in self._held:
                self._take(lane, delivery)
            elif not delivery.due_ms and self.is_waiting(delivery):
                self.perhaps_woken.append(delivery.id)
            lane.tail = delivery.id
        lane.more = len(page) == PAGE
        if lane.missed is not None:
            lane.more, lane.tail = True, min(lane.tail, lane.missed)
        if restarts != self._restarts:  # while it was read
            lane.more, lane.tail = True, 0
        self._offer(lane, now_ms)
        self._drop_if_idle(lane)

    async def _find_lanes(self, queue: Queue, step_id: str) -> None:
        if not self._after_lane:
            self._skipped = False
        room, restarts = max(1, self._window - len(self._lanes)), self._restarts
        names = await queue.read_lanes(step_id, after_lane=self._after_lane, limit=room)
        for name in names:
            if name not in self._lanes:
                lane = self._lanes[name] = Lane(name)
                lane.more = True
                self._short[name] = lane
        if restarts != self._restarts:  # while they were read
            return
        if len(names) == room:
            self._after_lane = names[-1]
        else:
            self._after_lane = ""
            self._behind = self._skipped

    def _drop_if_idle(self, lane: Lane) -> None:
        if lane.is_idle:
            del self._lanes[lane.name]
            self._short.pop(lane.name, None)

    def _take(self, lane: Lane, delivery: Delivery) -> None:
        """Into its place in the lane: by id, behind those that came back."""
        self._held.add(delivery.id)
        waiting = lane.waiting
        lane.tail = max(lane.tail, delivery.id)
        if not waiting or waiting[-1].id < delivery.id:
            waiting.append(delivery)
            return
        index = len(waiting)
        while index and waiting[index - 1].id > delivery.id:
            index -= 1
        waiting.insert(index, delivery)

    def _waits(self, due_ms: int, entry: tuple[Delivery, Lane]) -> bool:
        delivery, lane = entry
        if delivery.due_ms != due_ms:
            return False
        return lane.delayed.get(delivery.id) is delivery or (bool(lane.waiting) and lane.waiting[0] is delivery)

    def _wait(self, delivery: Delivery, lane: Lane) -> None:
        if delivery.due_ms != NEVER_MS:  # else until somebody hurries it
            self._later.add(delivery.due_ms, (delivery, lane))

    def _offer(self, lane: Lane, now_ms: int) -> None:
        """Let the lane run its next delivery when its turn comes, if it may."""
        waiting = lane.waiting
        while waiting and waiting[0].due_ms > now_ms:
            head = waiting[0]
            if self.in_order:
                self._wait(head, lane)
                return
            lane.delayed[head.id] = waiting.popleft()
            self._wait(head, lane)
        if waiting and not lane.offered and lane.running < self.concurrency:
            lane.offered = True
            heapq.heappush(self._ready, (-waiting[0].priority, next(self._turns), lane))
        elif not waiting and lane.more and len(lane.delayed) < MOST_DELAYED:
            self._short[lane.name] = lane
