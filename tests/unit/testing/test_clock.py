"""The clock of tests: it stands still, and rings in order when it is moved."""

from __future__ import annotations

import asyncio

from motia_core.testing.clock import VirtualClock


def test_it_stands_still() -> None:
    clock = VirtualClock()
    assert clock.now_us() == clock.now_us() == clock.now_ms() * 1000


def test_alarms_ring_in_the_order_of_their_times_and_then_of_their_age() -> None:
    clock, rung = VirtualClock(), list[str]()
    now = clock.now_ms()
    for due, name in ((300, "c"), (100, "a"), (300, "d"), (200, "b")):
        clock.call_at(now + due, lambda name=name: rung.append(name))  # type: ignore[misc]
    assert clock.next_ms == now + 100
    clock.move_to(now + 250)
    assert rung == ["a", "b"]
    assert clock.now_ms() == now + 250
    clock.move_to(now + 300)
    assert rung == ["a", "b", "c", "d"]
    assert clock.next_ms is None


def test_an_alarm_that_was_cancelled_does_not_ring() -> None:
    clock, rung = VirtualClock(), list[int]()
    alarm = clock.call_at(clock.now_ms() + 1, lambda: rung.append(1))
    alarm.cancel()
    assert clock.next_ms is None
    clock.move_to(clock.now_ms() + 10)
    assert rung == []


def test_an_alarm_for_now_rings_in_the_next_turn_of_the_loop() -> None:
    async def scenario() -> None:
        clock, rung = VirtualClock(), list[int]()
        clock.call_at(clock.now_ms(), lambda: rung.append(1))
        cancelled = clock.call_at(clock.now_ms(), lambda: rung.append(2))
        cancelled.cancel()
        assert rung == []
        await asyncio.sleep(0)
        assert rung == [1]

    asyncio.run(scenario())


def test_time_never_goes_back_but_for_a_new_beginning() -> None:
    clock = VirtualClock()
    began = clock.now_ms()
    clock.move_to(began + 1000)
    clock.move_to(began)
    assert clock.now_ms() == began + 1000
    clock.call_at(began + 2000, lambda: None)
    clock.restart()
    assert began <= clock.now_ms() < began + 1000
    assert clock.next_ms is None
