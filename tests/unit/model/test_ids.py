"""Ids grow, whatever the clock does, and cores that share a store never make the same."""

from __future__ import annotations

from motia_core.model.ids import PER_MS, IdSource
from tests.fakes.sidecars import FakeClock

NOW = 1_700_000_000_000


def test_ids_follow_the_time() -> None:
    clock = FakeClock(NOW)
    ids = IdSource(clock)
    assert [ids.next(), ids.next()] == [NOW * PER_MS, NOW * PER_MS + 1]
    clock.ms += 5
    assert ids.next() == (NOW + 5) * PER_MS


def test_ids_grow_when_the_clock_is_set_back() -> None:
    clock = FakeClock(NOW)
    ids = IdSource(clock)
    first = ids.next()
    clock.ms -= 3_600_000
    assert [ids.next(), ids.next()] == [first + 1, first + 2]


def test_ids_are_above_what_is_stored() -> None:
    stored = (NOW + 1_000) * PER_MS + 17
    assert IdSource(FakeClock(NOW), stored).next() == stored + 1


def test_ids_of_cores_never_meet_and_can_be_compared() -> None:
    clock = FakeClock(NOW)
    sources = [IdSource(clock, 12_345, slot=slot, slots=32) for slot in range(32)]
    made = [source.next() for _ in range(100) for source in sources]
    assert len(set(made)) == len(made)
    clock.ms += 100
    assert sources[0].next() > max(made)
    stored = (NOW + 1_000) * PER_MS + 17
    late = [IdSource(clock, stored, slot=slot, slots=32).next() for slot in range(32)]
    assert len({number % 32 for number in late}) == 32
    assert min(late) > stored
