"""Lanes: message groups in order, keys with a limit, and none of them in the way of the others."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from random import Random

import pytest

from motia_core.engine.backlog import Held
from motia_core.engine.lanes import PAGE, Lanes
from motia_core.model.event import Delivery
from motia_core.model.trace import TraceContext

TRACE = TraceContext("AAAAA-0000001", "00-" + "1" * 32 + "-" + "2" * 16 + "-01")
NOW = 1_000_000


def delivery(number: int, lane: str = "f:a", *, due_ms: int = 0, priority: int = 0) -> Delivery:
    return Delivery(number, "t", "S", b"{}", TRACE, 0, due_ms, priority=priority, lane=lane)


class Rows:
    """What the store holds of the step."""

    def __init__(self, *deliveries: Delivery) -> None:
        self.rows = {row.id: row for row in deliveries}
        self.reads = 0
        self.during: Callable[[], None] = lambda: None

    async def read_lanes(self, step_id: str, *, after_lane: str, limit: int) -> list[str]:
        names = sorted({row.lane for row in self.rows.values() if row.lane > after_lane})[:limit]
        return await self._answer(names)

    async def read_lane(self, step_id: str, lane: str, *, after_id: int, limit: int) -> list[Delivery]:
        rows = sorted((row for row in self.rows.values() if row.lane == lane), key=lambda row: row.id)
        return await self._answer([copy(row) for row in rows if row.id > after_id][:limit])

    async def _answer(self, answer: list) -> list:  # type: ignore[type-arg]  # names or rows, as they came
        self.reads += 1
        during, self.during = self.during, lambda: None
        during()
        await asyncio.sleep(0)
        return answer


def copy(row: Delivery) -> Delivery:
    return delivery(row.id, row.lane, due_ms=row.due_ms, priority=row.priority)


async def fill(lanes: Lanes, rows: Rows, now_ms: int = NOW) -> None:
    while lanes.wants_more:
        await lanes.read_on(rows, "S", now_ms)  # type: ignore[arg-type]  # Rows has the reads only


def fifo(window: int = 10) -> Lanes:
    return Lanes(Held(), window, 1, in_order=True)


def test_a_message_group_runs_in_order_and_groups_side_by_side() -> None:
    lanes = fifo()
    for number, lane in ((1, "f:a"), (2, "f:a"), (3, "f:b"), (4, "f:b"), (5, "f:c")):
        lanes.add(delivery(number, lane), NOW)
    running = [lanes.next(NOW) for _ in range(4)]
    assert [one and one.id for one in running] == [1, 3, 5, None]
    assert running[1] is not None
    lanes.let_go(running[1], NOW)
    following = lanes.next(NOW)
    assert following is not None
    assert following.id == 4
    assert lanes.next(NOW) is None


def test_a_failing_head_holds_up_its_group_only() -> None:
    lanes = fifo()
    for number, lane in ((1, "f:a"), (2, "f:a"), (3, "f:b")):
        lanes.add(delivery(number, lane), NOW)
    head = lanes.next(NOW)
    assert head is not None
    head.due_ms = NOW + 100
    lanes.put_back(head, NOW)
    other = lanes.next(NOW)
    assert other is not None
    assert other.id == 3
    assert lanes.next(NOW) is None
    assert lanes.wake(NOW) == NOW + 100
    assert lanes.wake(NOW + 100) == 0
    again = lanes.next(NOW + 100)
    assert again is head


def test_a_key_has_so_many_at_once_and_a_delayed_one_holds_up_nobody() -> None:
    lanes = Lanes(Held(), 10, 2, in_order=False)
    lanes.add(delivery(1, "k:a", due_ms=NOW + 50), NOW)
    for number in (2, 3, 4):
        lanes.add(delivery(number, "k:a"), NOW)
    lanes.add(delivery(5, "k:b"), NOW)
    running = [lanes.next(NOW) for _ in range(4)]
    assert [one and one.id for one in running] == [2, 5, 3, None]
    assert running[0] is not None
    lanes.let_go(running[0], NOW)
    lanes.wake(NOW + 50)
    following = lanes.next(NOW + 50)
    assert following is not None
    assert following.id == 1
    assert lanes.next(NOW + 50) is None


def test_a_long_group_holds_few_in_memory_and_stays_in_order() -> None:
    async def scenario() -> None:
        count = PAGE * 5
        rows = Rows(*(delivery(number) for number in range(1, count + 1)))
        rows.rows[count + 1] = delivery(count + 1, "f:b")
        lanes = fifo(4)
        lanes.restart()
        await fill(lanes, rows)
        assert len(lanes) <= PAGE + 1
        ran = []
        while (running := lanes.next(NOW)) is not None:
            ran.append(running.id)
            del rows.rows[running.id]
            lanes.let_go(running, NOW)
            await fill(lanes, rows)
        assert [number for number in ran if number <= count] == list(range(1, count + 1))
        assert ran.index(count + 1) < 3
        assert len(lanes) == 0

    asyncio.run(scenario())


def test_what_is_stored_while_its_lane_is_read_is_found_although_a_younger_one_was_read() -> None:
    async def scenario() -> list[int]:
        lanes, rows = fifo(), Rows(delivery(9))
        lanes.restart()
        await lanes.read_on(rows, "S", NOW)  # type: ignore[arg-type]  # the names of the lanes

        def store_another() -> None:  # its id is older, but it comes later
            rows.rows[5] = delivery(5)
            lanes.add(delivery(5), NOW)

        rows.during = store_another
        ran = []
        while lanes.wants_more or lanes.has_ready:
            await fill(lanes, rows)
            if (found := lanes.next(NOW)) is not None:
                ran.append(found.id)
                del rows.rows[found.id]
                lanes.let_go(found, NOW)
        return ran

    assert asyncio.run(scenario()) == [9, 5]


def test_more_lanes_than_the_window_get_their_turn() -> None:
    async def scenario() -> None:
        rows = Rows(*(delivery(number, f"f:{number % 50}") for number in range(1, 201)))
        lanes = fifo(4)
        lanes.restart()
        await fill(lanes, rows)
        ran: list[Delivery] = []
        while True:
            running = lanes.next(NOW)
            if running is None:
                break
            ran.append(running)
            del rows.rows[running.id]
            lanes.let_go(running, NOW)
            await fill(lanes, rows)
        assert len(ran) == 200
        assert rows.reads < 400

    asyncio.run(scenario())


@pytest.mark.parametrize("in_order", [True, False])
@pytest.mark.parametrize("seed", range(30))
def test_every_delivery_runs_once_and_in_order(seed: int, in_order: bool) -> None:
    """Random arrivals that are told or not, ends, put-backs, restarts, hurries, with small windows."""

    async def scenario() -> None:
        random = Random(seed)
        rows = Rows()
        limit = 1 if in_order else random.choice((1, 2))
        lanes = Lanes(Held(), random.choice((1, 2, 5)), limit, in_order=in_order)
        lanes.restart()
        now, number = NOW, 0
        ran: list[tuple[str, int]] = []
        running: list[Delivery] = []

        def arrive() -> None:
            nonlocal number
            for _ in range(random.choice((1, 1, PAGE + 3))):
                number += 1
                due = now + random.randrange(40) if random.random() < 0.2 else 0
                rows.rows[number] = delivery(number, f"f:{random.randrange(6)}", due_ms=due)
                lanes.add(copy(rows.rows[number]), now)

        async def turn(*, calm: bool) -> None:
            lanes.wake(now)
            if lanes.wants_more:
                await lanes.read_on(rows, "S", now)  # type: ignore[arg-type]  # Rows has the reads only
            if random.random() < 0.7 and (started := lanes.next(now)) is not None:
                assert started.due_ms <= now
                running.append(started)
                for lane in {one.lane for one in running}:
                    assert sum(one.lane == lane for one in running) <= limit
            if running and random.random() < 0.5:
                ended = running.pop(random.randrange(len(running)))
                if not calm and random.random() < 0.2:
                    ended.due_ms = rows.rows[ended.id].due_ms = now + random.randrange(5)
                    lanes.put_back(ended, now)
                else:
                    ran.append((ended.lane, ended.id))
                    del rows.rows[ended.id]
                    lanes.let_go(ended, now)

        for _ in range(300):
            now += 1
            if random.random() < 0.2 and number < 400:
                arrive()
            if random.random() < 0.1:
                rows.during = arrive
            if random.random() < 0.03:
                lanes.restart()
            delayed = [row for row in rows.rows.values() if row.due_ms > now and row not in running]
            if delayed and random.random() < 0.1:
                hurried = random.choice(delayed)
                hurried.due_ms = 0
                lanes.hurry(copy(hurried), now)
            await turn(calm=False)
        patience = 20_000
        while rows.rows and patience:
            patience -= 1
            now += 1
            await turn(calm=True)
        assert sorted(number for _, number in ran) == list(range(1, number + 1))
        assert len(lanes) == 0
        if in_order:
            for lane in {lane for lane, _ in ran}:
                numbers = [number for of, number in ran if of == lane]
                assert numbers == sorted(numbers)

    asyncio.run(scenario())
