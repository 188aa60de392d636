"""Deliveries that sleep or wait for events, and what they remember."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from motia_core.model.effects import Effects
from motia_core.model.event import NEVER_MS, Remembered, Signal, Wait
from motia_core.store import Store
from tests.contract.store.conftest import Run
from tests.contract.store.reading import due, everything, later
from tests.fakes.sidecars import FakeClock
from tests.fakes.values import a_delivery

WAIT = Wait(1, "Work", "wait:1", "paid", b'{"id":"\xc3\xbc"}', since_id=1, until_ms=NEVER_MS)
SLEPT = Remembered(1, "sleep:1", b"null")


# --- suspend


def test_sleeping_delivery_is_due_later_and_remembers_that_it_slept(store: Store, run: Run) -> None:
    run(store.queue.enqueue([a_delivery(1)]))
    run(store.queue.suspend(replace(a_delivery(1), due_ms=5_000, attempt=7), SLEPT))
    assert run(due(store)) == []
    assert run(later(store)) == [replace(a_delivery(1), due_ms=5_000, has_progress=True)]  # the attempt is not spent
    assert run(store.queue.remembered(1)) == [SLEPT]
    assert run(store.queue.waits()) == []


def test_waiting_delivery_is_among_the_waits(store: Store, run: Run) -> None:
    run(store.queue.enqueue([a_delivery(1), a_delivery(2)]))
    run(store.queue.suspend(replace(a_delivery(1), due_ms=NEVER_MS), WAIT))
    other = replace(WAIT, delivery_id=2, topic="shipped", match=b"", until_ms=9_000)
    run(store.queue.suspend(replace(a_delivery(2), due_ms=9_000), other))
    assert run(later(store)) == [replace(a_delivery(2), due_ms=9_000), replace(a_delivery(1), due_ms=NEVER_MS)]
    assert run(store.queue.waits()) == [WAIT, other]
    assert run(store.queue.waits("shipped")) == [other]
    assert run(store.queue.waits("ship")) == []
    assert run(store.queue.waited_topics()) == ["paid", "shipped"]
    assert run(store.queue.remembered(1)) == []


def test_wait_takes_the_place_of_the_wait_before(store: Store, run: Run) -> None:
    run(store.queue.enqueue([a_delivery(1)]))
    for number in (1, 2):
        wait = replace(WAIT, key=f"wait:{number}", since_id=number)
        run(store.queue.suspend(replace(a_delivery(1), due_ms=NEVER_MS), wait))
    assert run(store.queue.waits()) == [wait]


def test_topics_stay_known_when_nobody_waits_any_more(store: Store, run: Run) -> None:
    run(store.queue.enqueue([a_delivery(1)]))
    run(store.queue.suspend(replace(a_delivery(1), due_ms=NEVER_MS), WAIT))
    assert run(store.queue.commit(Effects(answers=[(1, "wait:1")])))
    assert run(store.queue.waits()) == []
    assert run(store.queue.waited_topics()) == ["paid"]


def test_what_is_remembered_already_suspends_nothing(store: Store, run: Run) -> None:
    """A try whose answer was lost is made again; meanwhile the wait may have been answered."""
    run(store.queue.enqueue([a_delivery(1), a_delivery(2)]))
    assert run(store.queue.suspend(replace(a_delivery(1), due_ms=NEVER_MS), WAIT))
    assert run(store.queue.suspend(replace(a_delivery(1), due_ms=NEVER_MS), WAIT))
    answer = Effects(answers=[(1, WAIT.key)], remembered=[Remembered(1, WAIT.key, b"{}")], wakes=[1])
    assert run(store.queue.commit(answer))
    assert run(store.queue.suspend(replace(a_delivery(2), due_ms=5_000), replace(SLEPT, delivery_id=2)))
    before = run(everything(store))
    assert not run(store.queue.suspend(replace(a_delivery(1), due_ms=NEVER_MS), WAIT))
    assert not run(store.queue.suspend(replace(a_delivery(2), due_ms=9_000), replace(SLEPT, delivery_id=2)))
    assert run(everything(store)) == before


def test_unknown_delivery_is_not_suspended(store: Store, run: Run) -> None:
    before = run(everything(store))
    run(store.queue.suspend(replace(a_delivery(1), due_ms=5_000), SLEPT))
    assert run(everything(store)) == before


# --- remembering


def test_first_value_of_a_key_is_remembered(store: Store, run: Run) -> None:
    run(store.queue.enqueue([a_delivery(1)]))
    for value in (b"1", b"2"):
        assert run(store.queue.commit(Effects(remembered=[Remembered(1, "k", value)])))
    both = [Remembered(1, "a", b"3"), Remembered(1, "a", b"4")]
    assert run(store.queue.commit(Effects(remembered=both)))
    assert run(store.queue.remembered(1)) == [Remembered(1, "a", b"3"), Remembered(1, "k", b"1")]


def test_much_is_remembered_at_once(store: Store, run: Run) -> None:
    expected = [Remembered(1, f"{number:03}", b"%d" % number) for number in range(200)]

    async def scenario() -> None:
        await store.queue.enqueue([a_delivery(1)])
        commits = (store.queue.commit(Effects(remembered=[one])) for one in reversed(expected))
        assert await asyncio.gather(*commits) == [True] * 200

    run(scenario())
    assert run(store.queue.remembered(1)) == expected
    assert run(store.queue.remembered(2)) == []


# --- signals


def test_signals_are_read_by_id_as_long_as_they_are_kept(store: Store, run: Run, clock: FakeClock) -> None:
    kept = [Signal(number, "paid", b"%d" % number, clock.ms + 10 * number) for number in (1, 2, 3)]
    other = Signal(4, "work", b"", clock.ms + 100)
    assert run(store.queue.commit(Effects(signals=[kept[2], kept[0], other, kept[1]])))
    assert run(store.queue.signals("paid", after_id=0)) == kept
    assert run(store.queue.signals("paid", after_id=2)) == kept[2:]
    assert run(store.queue.signals("work", after_id=0)) == [other]
    clock.ms += 20
    assert run(store.queue.signals("paid", after_id=0)) == kept[2:]


def test_waiting_delivery_that_ends_waits_no_longer(store: Store, run: Run) -> None:
    run(store.queue.enqueue([a_delivery(1)]))
    run(store.queue.suspend(replace(a_delivery(1), due_ms=NEVER_MS), WAIT))
    assert run(store.queue.commit(Effects(completes=1)))
    assert run(store.queue.waits()) == []
