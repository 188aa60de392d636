"""Deliveries that wait to be run."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from motia_core.errors import MotiaError
from motia_core.model.effects import Effects
from motia_core.model.event import NEVER_MS, AttemptFailure, Backlog, Delivery, Remembered
from motia_core.store import Store
from tests.contract.store.conftest import Run
from tests.contract.store.reading import ALL, FIRST, due, everything, later, stored
from tests.fakes.values import a_delivery, a_failure


def numbers(deliveries: list[Delivery]) -> list[int]:
    return [delivery.id for delivery in deliveries]


def remember(store: Store, run: Run, *keys: str, delivery_id: int = 1) -> None:
    remembered = [Remembered(delivery_id, key, key.encode()) for key in keys]
    assert run(store.queue.commit(Effects(remembered=remembered)))


# --- enqueue


def test_delivery_is_read_as_it_was_enqueued(store: Store, run: Run) -> None:
    delivery = replace(
        a_delivery(7),
        data='{"ü":"\\u0000 🚀"}'.encode(),
        due_ms=2**52,
        attempt=3,
        priority=-7,
        lane="k:ü",
        shard=3,
    )
    run(store.queue.enqueue([delivery]))
    assert run(store.queue.read([7])) == [delivery]


def test_delivery_without_data_stays_without(store: Store, run: Run) -> None:
    run(store.queue.enqueue([a_delivery(1, data=b"")]))
    assert run(store.queue.read([1]))[0].data == b""


def test_enqueue_of_nothing_does_nothing(store: Store, run: Run) -> None:
    run(store.queue.enqueue([]))
    assert run(store.queue.backlogs()) == []


def test_enqueue_takes_more_deliveries_than_one_statement_holds(store: Store, run: Run) -> None:
    run(store.queue.enqueue([a_delivery(number) for number in range(1, 1_001)]))
    assert numbers(run(due(store))) == list(range(1, 1_001))


def test_enqueue_is_all_or_nothing(store: Store, run: Run) -> None:
    run(store.queue.enqueue([a_delivery(1)]))
    with pytest.raises((MotiaError, AssertionError)):
        run(store.queue.enqueue([a_delivery(2), a_delivery(1)]))
    assert numbers(run(due(store))) == [1]


def test_what_was_enqueued_is_a_copy(store: Store, run: Run) -> None:
    delivery = a_delivery(1)
    run(store.queue.enqueue([delivery]))
    delivery.attempt = 9
    assert run(store.queue.read([1]))[0].attempt == 1
    run(store.queue.read([1]))[0].attempt = 9
    assert run(store.queue.read([1]))[0].attempt == 1


# --- reading


def test_due_deliveries_are_read_by_priority_then_id(store: Store, run: Run) -> None:
    for number, priority in ((5, 0), (3, 0), (9, 10), (1, -10), (7, 10), (2, 0)):
        run(
            store.queue.enqueue([replace(a_delivery(number), priority=priority), a_delivery(number + 100, step_id="B")])
        )

    def read(after: tuple[int, int], limit: int = ALL) -> list[int]:
        return numbers(run(store.queue.read_due("Work", [0], after=after, limit=limit)))

    assert read(FIRST) == [7, 9, 2, 3, 5, 1]
    assert read(FIRST, 3) == [7, 9, 2]
    assert read((-10, 9)) == [2, 3, 5, 1]
    assert read((0, 3), 1) == [5]
    assert read((0, 4), 2) == [5, 1]
    assert read((10, 1)) == []


def test_later_deliveries_are_read_by_due_time_then_id(store: Store, run: Run) -> None:
    for number, due_ms in ((5, 100), (3, 200), (9, 100), (1, NEVER_MS), (4, 0)):
        run(store.queue.enqueue([replace(a_delivery(number), due_ms=due_ms, priority=number)]))

    def read(after: tuple[int, int], limit: int = ALL) -> list[int]:
        return numbers(run(store.queue.read_later("Work", [0], after=after, limit=limit)))

    assert read(FIRST) == [5, 9, 3, 1]
    assert read(FIRST, 2) == [5, 9]
    assert read((100, 5)) == [9, 3, 1]
    assert read((150, 0), 1) == [3]
    assert read((NEVER_MS, 1)) == []
    assert numbers(run(due(store))) == [4]


def test_only_deliveries_of_the_shards_asked_for_are_read(store: Store, run: Run) -> None:
    for number in range(1, 9):
        later_ms = 0 if number < 5 else 1_000 - number
        run(store.queue.enqueue([replace(a_delivery(number), shard=number % 4, due_ms=later_ms, priority=number % 2)]))

    def read(shards: list[int], limit: int = ALL) -> tuple[list[int], list[int]]:
        of = {"after": FIRST, "limit": limit}
        return (
            numbers(run(store.queue.read_due("Work", shards, **of))),  # type: ignore[arg-type]  # as given
            numbers(run(store.queue.read_later("Work", shards, **of))),  # type: ignore[arg-type]
        )

    assert read([0]) == ([4], [8])
    assert read([3, 0]) == ([3, 4], [8, 7])
    assert read([0, 1, 2, 3]) == ([1, 3, 2, 4], [8, 7, 6, 5])
    assert read([0, 1, 2, 3], 3) == ([1, 3, 2], [8, 7, 6])
    assert read([7]) == ([], [])
    assert read([]) == ([], [])


def test_deliveries_of_lanes_are_read_by_lane_only(store: Store, run: Run) -> None:
    lanes = {1: "f:b", 2: "", 3: "f:a", 4: "f:b", 5: "f:ü", 6: "f:b", 7: "f:🚀", 8: "f:\uffff"}
    for number, lane in lanes.items():
        run(store.queue.enqueue([replace(a_delivery(number), lane=lane, due_ms=50 * (number % 2), shard=number % 3)]))
        run(store.queue.enqueue([replace(a_delivery(number + 100, step_id="Other"), lane=lane + "!")]))

    def read(after_lane: str, limit: int = ALL) -> list[str]:
        return run(store.queue.read_lanes("Work", after_lane=after_lane, limit=limit))  # type: ignore[no-any-return]

    assert read("") == ["f:a", "f:b", "f:ü", "f:\uffff", "f:🚀"]
    assert read("", 2) == ["f:a", "f:b"]
    assert read("f:a", 1) == ["f:b"]
    assert read("f:aa", 2) == ["f:b", "f:ü"]
    assert read("f:🚀") == []
    assert numbers(run(store.queue.read_lane("Work", "f:b", after_id=0, limit=ALL))) == [1, 4, 6]
    assert numbers(run(store.queue.read_lane("Work", "f:b", after_id=1, limit=1))) == [4]
    assert run(store.queue.read_lane("Work", "f:", after_id=0, limit=ALL)) == []
    assert run(store.queue.read_lane("Work", "", after_id=0, limit=ALL)) == []
    assert numbers(run(store.queue.read_due("Work", [0, 1, 2], after=FIRST, limit=ALL))) == [2]
    assert run(store.queue.read_later("Work", [0, 1, 2], after=FIRST, limit=ALL)) == []


def test_read_returns_those_that_are_there(store: Store, run: Run) -> None:
    run(store.queue.enqueue([a_delivery(number) for number in range(1, 400)]))
    assert numbers(run(store.queue.read([404, 7, 300, 7]))) == [7, 300]
    assert numbers(run(store.queue.read(range(1, 500)))) == list(range(1, 400))
    assert run(store.queue.read([])) == []


def test_backlogs_count_the_deliveries_of_every_step(store: Store, run: Run) -> None:
    run(store.queue.enqueue([a_delivery(1), replace(a_delivery(2), due_ms=9), a_delivery(3, step_id="Other")]))
    run(
        store.queue.enqueue([replace(a_delivery(4), lane="f:a"), replace(a_delivery(5), lane="f:a", due_ms=9, shard=4)])
    )
    backlogs: list[Backlog] = run(store.queue.backlogs())
    assert sorted(backlogs, key=lambda backlog: backlog.step_id) == [Backlog("Other", 1), Backlog("Work", 4)]


# --- complete


def test_completed_delivery_is_gone(store: Store, run: Run) -> None:
    run(store.queue.enqueue([a_delivery(1), a_delivery(2)]))
    run(store.queue.complete(a_delivery(1)))
    assert numbers(run(due(store))) == [2]


def test_completed_delivery_is_forgotten(store: Store, run: Run) -> None:
    run(store.queue.enqueue([a_delivery(1), a_delivery(2)]))
    remember(store, run, "charge", "mail")
    remember(store, run, "charge", delivery_id=2)
    [delivery] = run(store.queue.read([1]))
    assert delivery == replace(a_delivery(1), has_progress=True)
    run(store.queue.complete(delivery))
    assert run(store.queue.remembered(1)) == []
    assert run(store.queue.remembered(2)) == [Remembered(2, "charge", b"charge")]


def test_many_complete_at_once(store: Store, run: Run) -> None:
    async def scenario() -> None:
        deliveries = [a_delivery(number) for number in range(1, 301)]
        await store.queue.enqueue(deliveries)
        for delivery in deliveries[::7]:
            await store.queue.commit(Effects(remembered=[Remembered(delivery.id, "k", b"1")]))
        await asyncio.gather(*(store.queue.complete(delivery) for delivery in await due(store)))
        assert await stored(store) == {}
        assert [await store.queue.remembered(delivery.id) for delivery in deliveries] == [[]] * 300

    run(scenario())


def test_unknown_ids_are_ignored(store: Store, run: Run) -> None:
    run(store.queue.enqueue([a_delivery(1)]))
    before = run(everything(store))
    unknown = replace(a_delivery(404), has_progress=True)
    run(store.queue.complete(unknown))
    run(store.queue.retry(unknown, a_failure(), 1))
    run(store.queue.bury(unknown, a_failure(), 1, [a_delivery(2)]))
    assert run(everything(store)) == before


# --- retry and bury


def test_retry_stores_attempt_and_due_time_only(store: Store, run: Run) -> None:
    delivery = a_delivery(1)
    run(store.queue.enqueue([delivery]))
    run(store.queue.retry(replace(delivery, attempt=2, due_ms=5_000, topic="other"), a_failure(), 3_000))
    assert run(later(store)) == [replace(delivery, attempt=2, due_ms=5_000)]
    assert run(due(store)) == []
    run(store.queue.retry(replace(delivery, attempt=3, due_ms=0), a_failure(), 6_000))
    assert run(due(store)) == [replace(delivery, attempt=3)]
    assert run(later(store)) == []


def test_buried_delivery_keeps_what_it_remembers(store: Store, run: Run) -> None:
    run(store.queue.enqueue([a_delivery(1)]))
    remember(store, run, "charge")
    run(store.queue.bury(a_delivery(1), a_failure(), 1))
    assert run(store.queue.remembered(1)) == [Remembered(1, "charge", b"charge")]
    assert run(store.dead_letters.get(1)).delivery.has_progress
    [revived] = run(store.dead_letters.redrive([1]))
    assert revived.has_progress
    assert run(store.queue.read([1])) == [revived]


def test_bury_delivers_to_those_who_hear_of_it(store: Store, run: Run) -> None:
    delivery = replace(a_delivery(1), lane="f:g", priority=3)
    heard = [a_delivery(2, step_id="Alarm", topic="work.dlq"), replace(a_delivery(3, step_id="Log"), due_ms=9)]
    run(store.queue.enqueue([delivery]))
    run(store.queue.bury(delivery, a_failure(), 77, heard))
    assert run(stored(store)) == {2: heard[0], 3: heard[1]}
    letter = run(store.dead_letters.get(1))
    assert letter.delivery == delivery
    assert letter.failures == (AttemptFailure(1, 77, a_failure()),)
    run(store.queue.bury(delivery, a_failure(), 78, [a_delivery(4)]))  # tried again: its answer was lost
    assert list(run(stored(store))) == [2, 3]
    assert run(store.dead_letters.get(1)).failures == (AttemptFailure(1, 77, a_failure()),)


def test_bury_is_all_or_nothing(store: Store, run: Run) -> None:
    run(store.queue.enqueue([a_delivery(1), a_delivery(2)]))
    before = run(everything(store))
    with pytest.raises((MotiaError, AssertionError)):
        run(store.queue.bury(a_delivery(1), a_failure(), 77, [a_delivery(3), a_delivery(2)]))  # 2 is there already
    assert run(everything(store)) == before
