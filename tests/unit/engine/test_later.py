"""What is due is taken in order, and what was given up does not stay for ever."""

from __future__ import annotations

from motia_core.engine.later import FEW_STALE, Later


def test_what_is_due_is_taken_in_order() -> None:
    later = Later[str](lambda due_ms, thing: True)
    for due_ms, thing in ((30, "c"), (10, "a"), (20, "b"), (10, "a2")):
        later.add(due_ms, thing)
    assert later.next_ms == 10
    assert later.take(9) == []
    assert later.take(20) == ["a", "a2", "b"]
    assert later.next_ms == 30
    assert later.take(30) == ["c"]
    assert later.next_ms == 0


def test_what_was_given_up_is_not_taken_and_not_kept() -> None:
    wanted = set(range(1_000))
    later = Later[int](lambda due_ms, thing: thing in wanted)
    for number in range(1_000):
        later.add(number + 1, number)
    for number in range(1_000):
        if number % 10:
            wanted.discard(number)
            later.given_up()
    assert len(later._heap) <= 2 * len(wanted) + 2 * FEW_STALE
    assert later.take(2_000) == sorted(wanted)
