"""What is kept for a time only."""

from __future__ import annotations

from dataclasses import replace

import pytest

from motia_core.model.effects import Effects, UniqueKey
from motia_core.model.event import Remembered, Signal
from motia_core.store import Store
from tests.contract.store.conftest import Run
from tests.contract.store.reading import due
from tests.fakes.sidecars import FakeClock
from tests.fakes.values import a_delivery, a_failure

NOW = FakeClock.ms


@pytest.fixture
def kept(store: Store, run: Run) -> None:
    """Three of each kind that end after 100, 200 and 300 ms, and state without an end."""

    async def prepare() -> None:
        await store.state.set("g", "forever", b"0", version=1)
        for number in (1, 2, 3):
            ends_ms = NOW + 100 * number
            await store.state.set("g", str(number), b"%d" % number, version=number, expires_ms=ends_ms)
            effects = Effects(
                unique=[UniqueKey("s", str(number), ends_ms)], signals=[Signal(number, "paid", b"", ends_ms)]
            )
            await store.queue.commit(effects)

    run(prepare())


@pytest.mark.usefixtures("kept")
def test_what_is_over_is_removed_once(store: Store, run: Run, clock: FakeClock) -> None:
    assert run(store.retention.expire(NOW + 99)) == 0
    assert run(store.retention.expire(NOW + 200)) == 6
    assert run(store.retention.expire(NOW + 200)) == 0
    # The clock has not moved: what is gone was removed, not hidden.
    assert [key for key, _ in run(store.state.get_group("g"))] == ["3", "forever"]
    assert [signal.id for signal in run(store.queue.signals("paid", after_id=0))] == [3]
    assert run(store.queue.commit(Effects(unique=[UniqueKey("s", "1", NOW + 1)])))
    assert not run(store.queue.commit(Effects(unique=[UniqueKey("s", "3", NOW + 1)])))


@pytest.mark.usefixtures("kept")
def test_a_little_is_removed_at_a_time(store: Store, run: Run) -> None:
    removed = []
    while number := run(store.retention.expire(NOW + 1_000, limit=4)):
        removed.append(number)
    assert removed == [4, 4, 1]
    assert run(store.state.get_group("g")) == [("forever", b"0")]


def test_state_that_was_set_again_stays(store: Store, run: Run, clock: FakeClock) -> None:
    run(store.state.set("g", "k", b"1", version=1, expires_ms=NOW + 10))
    clock.ms += 20
    run(store.state.set("g", "k", b"2", version=2, expires_ms=NOW + 100))
    assert run(store.retention.expire(clock.ms)) == 0
    assert run(store.state.get("g", "k")) == (b"2", 2)


# --- dead letters


@pytest.fixture
def letters(store: Store, run: Run) -> None:
    """Dead letters 1 to 6 that died in another order: 6 first, then 5 … 1; each remembers something."""

    async def prepare() -> None:
        for number in range(1, 7):
            await store.queue.enqueue([a_delivery(number)])
            await store.queue.commit(Effects(remembered=[Remembered(number, "k", b"1")]))
            await store.queue.bury(a_delivery(number), a_failure(), 1_000 - 100 * number)

    run(prepare())


@pytest.mark.usefixtures("letters")
@pytest.mark.parametrize(
    ("keep", "oldest_ms", "limit", "left"),
    [
        (9, 0, 99, [1, 2, 3, 4, 5, 6]),
        (6, 400, 99, [1, 2, 3, 4, 5, 6]),
        (4, 0, 99, [1, 2, 3, 4]),
        (9, 600, 99, [1, 2, 3, 4]),
        (9, 601, 99, [1, 2, 3]),
        (2, 600, 99, [1, 2]),
        (5, 801, 99, [1]),
        (0, 0, 99, []),
        (0, 0, 4, [1, 2]),
        (9, 2_000, 1, [1, 2, 3, 4, 5]),
    ],
)
def test_oldest_dead_letters_are_removed(
    store: Store, run: Run, keep: int, oldest_ms: int, limit: int, left: list[int]
) -> None:
    removed = run(store.retention.trim_dead_letters(keep=keep, oldest_ms=oldest_ms, limit=limit))
    assert run(store.dead_letters.ids()) == left
    assert removed == 6 - len(left)
    remembering = [number for number in range(1, 7) if run(store.queue.remembered(number))]
    assert remembering == left


def test_deliveries_are_never_trimmed(store: Store, run: Run) -> None:
    run(store.queue.enqueue([replace(a_delivery(1), due_ms=1), a_delivery(2)]))
    assert run(store.retention.trim_dead_letters(keep=0, oldest_ms=2**52)) == 0
    assert run(store.retention.expire(2**52)) == 0
    assert [delivery.id for delivery in run(due(store))] == [2]
