"""The window on a step's deliveries: order, due times, room, and what a store that moves under a read does to it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from random import Random

import pytest

from motia_core.engine.backlog import LATER, Backlog, Held
from motia_core.engine.ports import Key
from motia_core.model.event import NEVER_MS, Delivery
from motia_core.model.trace import TraceContext

TRACE = TraceContext("AAAAA-0000001", "00-" + "1" * 32 + "-" + "2" * 16 + "-01")
NOW = 1_000_000


def delivery(number: int, *, due_ms: int = 0, priority: int = 0) -> Delivery:
    return Delivery(number, "t", "S", b"{}", TRACE, 0, due_ms, priority=priority)


class Rows:
    """What the store holds of the step."""

    def __init__(self, *deliveries: Delivery) -> None:
        self.rows = {row.id: row for row in deliveries}
        self.reads = 0
        self.during: Callable[[], None] = lambda: None  # happens after the rows were read, before the answer arrives

    async def read_due(self, step_id: str, shards: Sequence[int], *, after: Key, limit: int) -> list[Delivery]:
        return await self._page({(-d.priority, d.id): d for d in self.rows.values() if not d.due_ms}, after, limit)

    async def read_later(self, step_id: str, shards: Sequence[int], *, after: Key, limit: int) -> list[Delivery]:
        return await self._page({(d.due_ms, d.id): d for d in self.rows.values() if d.due_ms}, after, limit)

    async def _page(self, keyed: dict[Key, Delivery], after: Key, limit: int) -> list[Delivery]:
        self.reads += 1
        page = [copy(keyed[key]) for key in sorted(keyed) if key > after][:limit]
        during, self.during = self.during, lambda: None
        during()
        await asyncio.sleep(0)
        return page


def copy(row: Delivery) -> Delivery:
    return delivery(row.id, due_ms=row.due_ms, priority=row.priority)


async def fill(backlog: Backlog, rows: Rows, now_ms: int = NOW) -> None:
    while backlog.wants_more:
        await backlog.read_on(rows, "S", [0], now_ms)  # type: ignore[arg-type]  # Rows has the reads only


def taken(backlog: Backlog) -> list[int]:
    numbers = []
    while backlog.has_ready:
        numbers.append(backlog.next().id)
    return numbers


async def opened(window: int = 10, rows: Rows | None = None) -> Backlog:
    backlog = Backlog(Held(), window)
    await fill(backlog, rows or Rows())
    return backlog


def test_deliveries_run_by_priority_and_then_by_age() -> None:
    async def scenario() -> None:
        backlog = await opened()
        for number, priority in ((1, 0), (2, 5), (3, -5), (4, 5)):
            backlog.add(delivery(number, priority=priority), NOW)
        assert taken(backlog) == [2, 4, 1, 3]

    asyncio.run(scenario())


def test_a_delivery_waits_for_its_due_time() -> None:
    async def scenario() -> None:
        backlog = await opened()
        backlog.add(delivery(1, due_ms=NOW + 50), NOW)
        backlog.add(delivery(2, due_ms=NOW + 20), NOW)
        assert not backlog.has_ready
        assert backlog.wake(NOW + 19) == NOW + 20
        assert backlog.wake(NOW + 20) == NOW + 50
        assert taken(backlog) == [2]
        assert backlog.wake(NOW + 50) == 0
        assert taken(backlog) == [1]

    asyncio.run(scenario())


def test_what_is_known_is_not_taken_twice_until_its_end_is_on_disk() -> None:
    async def scenario() -> None:
        backlog = await opened()
        first = delivery(1)
        backlog.add(first, NOW)
        backlog.add(delivery(1), NOW)
        assert taken(backlog) == [1]
        backlog.add(delivery(1), NOW)
        assert not backlog.has_ready
        backlog.let_go(first)
        backlog.add(delivery(1), NOW)  # it came back from the dead letters
        assert taken(backlog) == [1]

    asyncio.run(scenario())


def test_a_full_window_reads_on_in_the_store_and_loses_no_order() -> None:
    async def scenario() -> None:
        rows = Rows(*(delivery(number) for number in range(1, 101)))
        backlog = await opened(10, rows)
        ran = []
        number = 100
        while backlog.has_ready:
            running = backlog.next()
            ran.append(running.id)
            del rows.rows[running.id]
            backlog.let_go(running)
            if number < 150:  # others come meanwhile
                number += 1
                rows.rows[number] = delivery(number)
                backlog.add(delivery(number), NOW)
            await fill(backlog, rows)
        assert ran == list(range(1, 151))
        assert rows.reads < 60

    asyncio.run(scenario())


def test_a_high_priority_overtakes_a_backlog_on_disk() -> None:
    async def scenario() -> None:
        rows = Rows(*(delivery(number) for number in range(1, 101)))
        backlog = await opened(10, rows)
        urgent = delivery(500, priority=9)
        rows.rows[500] = urgent
        backlog.add(urgent, NOW)
        await fill(backlog, rows)
        order = []
        for _ in range(30):
            running = backlog.next()
            order.append(running.id)
            del rows.rows[running.id]
            backlog.let_go(running)
            await fill(backlog, rows)
        assert 500 in order[: 10 + 1]

    asyncio.run(scenario())


def test_many_delayed_deliveries_stay_on_disk_and_run_on_time() -> None:
    async def scenario() -> None:
        window = 4
        count = LATER * window * 3
        rows = Rows(*(delivery(number, due_ms=NOW + number) for number in range(1, count + 1)))
        backlog = await opened(window, rows)
        assert len(backlog) <= LATER * window
        soon = delivery(9999, due_ms=NOW + 5)
        rows.rows[9999] = soon
        backlog.add(soon, NOW)
        ran: list[int] = []
        for passed in range(count + 10):
            await fill(backlog, rows, NOW + passed)
            backlog.wake(NOW + passed)
            while backlog.has_ready:
                running = backlog.next()
                assert running.due_ms <= NOW + passed
                ran.append(running.id)
                del rows.rows[running.id]
                backlog.let_go(running)
        assert sorted(ran) == sorted([*range(1, count + 1), 9999])
        assert ran.index(9999) < 10

    asyncio.run(scenario())


def test_what_comes_or_ends_during_a_read_is_neither_lost_nor_doubled() -> None:
    async def scenario() -> None:
        window = 4
        rows = Rows(*(delivery(number) for number in range(1, 9)))
        backlog = await opened(window, rows)
        first, second = backlog.next(), backlog.next()
        assert (first.id, second.id) == (1, 2)

        def meanwhile() -> None:
            del rows.rows[1]
            backlog.let_go(first)  # its end is on disk, but the read may have seen it
            rows.rows[20] = delivery(20)
            backlog.add(delivery(20), NOW)  # the read did not see it

        rows.during = meanwhile
        backlog.restart()
        await backlog.read_on(rows, "S", [0], NOW)  # type: ignore[arg-type]  # Rows has the reads only
        ran = [second.id]
        while True:
            await fill(backlog, rows)
            if not backlog.has_ready:
                break
            running = backlog.next()
            ran.append(running.id)
            del rows.rows[running.id]
            backlog.let_go(running)
        assert ran == [2, 3, 4, 5, 6, 7, 8, 20]

    asyncio.run(scenario())


def test_a_delivery_that_waits_for_an_event_only_is_let_go() -> None:
    async def scenario() -> None:
        backlog = await opened()
        parked = delivery(1)
        backlog.add(parked, NOW)
        assert backlog.next() is parked
        parked.due_ms = NEVER_MS
        backlog.put_back(parked, NOW)
        assert backlog.wake(NOW + 10**9) == 0  # it costs neither a timer nor memory until then
        assert len(backlog) == 0
        assert not backlog.hurry(1)
        parked.due_ms = 0
        backlog.add(parked, NOW)
        assert taken(backlog) == [1]


def test_a_delivery_that_waits_for_an_event_or_a_time_is_hurried() -> None:
    async def scenario() -> None:
        backlog = await opened()
        parked = delivery(1)
        backlog.add(parked, NOW)
        assert backlog.next() is parked
        parked.due_ms = NOW + 10**9
        backlog.put_back(parked, NOW)
        assert backlog.wake(NOW) == NOW + 10**9
        assert not backlog.hurry(2)
        assert backlog.hurry(1)
        assert not backlog.hurry(1)
        assert taken(backlog) == [1]
        assert parked.due_ms == 0

    asyncio.run(scenario())


@pytest.mark.parametrize("seed", range(30))
def test_every_delivery_runs_once_whatever_happens(seed: int) -> None:
    """Random arrivals that are told, told late or twice, random ends, put-backs and restarts, small windows."""

    async def scenario() -> None:
        random = Random(seed)
        rows = Rows()
        backlog = Backlog(Held(), random.choice((1, 2, 5)))
        now, number = NOW, 0
        untold: list[int] = []
        ran: list[int] = []
        running: list[Delivery] = []

        def arrive() -> None:
            nonlocal number
            number += 1
            due = now + random.randrange(40) if random.random() < 0.3 else 0
            rows.rows[number] = delivery(number, due_ms=due, priority=random.choice((0, 0, 0, 3)))
            untold.append(number)

        for _ in range(400):
            now += 1
            if random.random() < 0.4 and number < 120:
                arrive()
            if random.random() < 0.2:
                rows.during = arrive
            while untold and random.random() < 0.7:
                told = untold.pop(random.randrange(len(untold)))
                if told in rows.rows:
                    for _ in range(random.choice((1, 1, 2))):
                        backlog.add(copy(rows.rows[told]), now)
            if random.random() < 0.05:
                backlog.restart()
            if backlog.wants_more:
                await backlog.read_on(rows, "S", [0], now)  # type: ignore[arg-type]  # Rows has the reads only
            backlog.wake(now)
            if backlog.has_ready and random.random() < 0.7:
                running.append(backlog.next())
                assert running[-1].due_ms <= now
            if running and random.random() < 0.5:
                ended = running.pop(random.randrange(len(running)))
                if random.random() < 0.2:
                    ended.due_ms = rows.rows[ended.id].due_ms = now + random.randrange(5)
                    backlog.put_back(ended, now)
                else:
                    ran.append(ended.id)
                    del rows.rows[ended.id]
                    backlog.let_go(ended)
        for _ in range(3000):
            now += 1
            for told in untold:
                if told in rows.rows:
                    backlog.add(copy(rows.rows[told]), now)
            untold.clear()
            while running:
                ended = running.pop()
                ran.append(ended.id)
                del rows.rows[ended.id]
                backlog.let_go(ended)
            if backlog.wants_more:
                await backlog.read_on(rows, "S", [0], now)  # type: ignore[arg-type]  # Rows has the reads only
            backlog.wake(now)
            if backlog.has_ready:
                running.append(backlog.next())
        assert sorted(ran) == list(range(1, number + 1))
        assert len(backlog) == 0

    asyncio.run(scenario())
