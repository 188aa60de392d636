"""Cores that share a database agree on the time as well as its fastest answers allow."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from motia_core.store.postgres.clock import SharedClock

DATABASE_S = 1_700_000_000


@dataclass
class Machine:
    """Implements `Clock` for a machine whose clocks are wrong."""

    true_s: float = 0.0
    wall_ahead_s: float = 3600.0
    mono_ahead_s: float = 12_345.0
    drift: float = 0.0

    def now_us(self) -> int:
        return round((DATABASE_S + self.true_s + self.wall_ahead_s) * 1e6)

    def now_ms(self) -> int:
        return self.now_us() // 1000

    def mono_s(self) -> float:
        return self.mono_ahead_s + self.true_s * (1 + self.drift)


def ask(machine: Machine, clock: SharedClock, there_s: float, back_s: float) -> None:
    """Ask the database, which is so far away."""
    asked_us = clock.own_us()
    machine.true_s += there_s
    answer_us = round((DATABASE_S + machine.true_s) * 1e6)
    machine.true_s += back_s
    clock.compare(asked_us, answer_us)


def error_s(machine: Machine, clock: SharedClock) -> float:
    return abs(clock.now_us() / 1e6 - DATABASE_S - machine.true_s)


def test_until_the_database_is_asked_it_is_the_cores_own() -> None:
    machine = Machine()
    assert SharedClock(machine).now_ms() == machine.now_ms()


def test_the_error_is_at_most_half_of_the_fastest_answer() -> None:
    machine, random = Machine(), Random(1)
    clock = SharedClock(machine)
    for _ in range(20):
        ask(machine, clock, random.uniform(0.000_1, 0.001), random.uniform(0.000_1, 0.001))
    ask(machine, clock, 0.000_1, 0.000_1)
    assert error_s(machine, clock) <= 0.000_1 + 2e-6


def test_a_core_that_hears_late_stays_exact() -> None:
    machine = Machine(drift=0.000_02)
    clock = SharedClock(machine)
    ask(machine, clock, 0.000_1, 0.000_1)
    for _ in range(20):
        machine.true_s += 2.5
        ask(machine, clock, 0.000_1, 0.05)  # its event loop is busy
    assert error_s(machine, clock) < 0.007
    ask(machine, clock, 0.000_1, 0.000_1)
    assert error_s(machine, clock) <= 0.000_1 + 2e-6


def test_who_sets_the_machines_clock_does_not_move_it() -> None:
    machine = Machine()
    clock = SharedClock(machine)
    ask(machine, clock, 0.000_1, 0.000_1)
    machine.wall_ahead_s -= 86_400
    assert error_s(machine, clock) <= 0.000_1 + 2e-6


def test_a_machine_that_slept_goes_by_the_next_answer() -> None:
    machine = Machine()
    clock = SharedClock(machine)
    ask(machine, clock, 0.000_1, 0.000_1)
    machine.mono_ahead_s -= 600  # the monotonic clock stood still
    ask(machine, clock, 0.001, 0.001)
    assert error_s(machine, clock) <= 0.001 + 2e-6
