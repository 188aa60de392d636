"""Deliveries that were given up."""

from __future__ import annotations

from dataclasses import replace

import pytest

from motia_core.model.effects import Effects
from motia_core.model.event import AttemptFailure, DeadLetter, Remembered
from motia_core.store import Store
from tests.contract.store.conftest import Run
from tests.contract.store.reading import due, everything
from tests.fakes.values import a_delivery, a_failure


@pytest.fixture
def letters(store: Store, run: Run) -> None:
    """Dead letters 1 to 5; the even ones of another topic, 3 and up of another step."""
    for number in range(1, 6):
        delivery = a_delivery(
            number, topic="odd" if number % 2 else "even", step_id="First" if number < 3 else "Second"
        )
        run(store.queue.enqueue([delivery]))
        run(store.queue.bury(delivery, a_failure(), 10 + number))


def test_dead_letter_shows_every_attempt(store: Store, run: Run) -> None:
    delivery = a_delivery(1)
    run(store.queue.enqueue([delivery]))
    for attempt in (2, 3):
        delivery = replace(delivery, attempt=attempt, due_ms=attempt * 100)
        run(store.queue.retry(delivery, a_failure(f"try {attempt - 1}\nü"), attempt))
    run(store.queue.bury(delivery, a_failure("last"), 77))

    failures = (
        AttemptFailure(1, 2, a_failure("try 1\nü")),
        AttemptFailure(2, 3, a_failure("try 2\nü")),
        AttemptFailure(3, 77, a_failure("last")),
    )
    expected = DeadLetter(delivery, failures, 77)
    assert run(store.dead_letters.get(1)) == expected
    assert run(store.dead_letters.page()) == [expected]
    assert expected.queue == "work.Work.dlq"
    assert run(due(store)) == []


def test_unknown_dead_letter_is_none(store: Store, run: Run) -> None:
    assert run(store.dead_letters.get(1)) is None


@pytest.mark.usefixtures("letters")
@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, [5, 4, 3, 2, 1]),
        ({"limit": 2}, [5, 4]),
        ({"before_id": 4, "limit": 2}, [3, 2]),
        ({"topic": "even"}, [4, 2]),
        ({"step_id": "Second"}, [5, 4, 3]),
        ({"topic": "odd", "step_id": "Second"}, [5, 3]),
        ({"topic": "odd", "step_id": "Second", "before_id": 5}, [3]),
        ({"topic": "od"}, []),
    ],
)
def test_page_is_newest_first_and_filtered(
    store: Store, run: Run, filters: dict[str, object], expected: list[int]
) -> None:
    page: list[DeadLetter] = run(store.dead_letters.page(**filters))  # type: ignore[arg-type]  # as parametrized
    assert [letter.delivery.id for letter in page] == expected


@pytest.mark.usefixtures("letters")
def test_redrive_brings_back_what_is_known_afresh(store: Store, run: Run) -> None:
    revived = run(store.dead_letters.redrive([4, 404, 3, 4]))
    assert [(delivery.id, delivery.attempt, delivery.due_ms) for delivery in revived] == [(3, 1, 0), (4, 1, 0)]
    assert run(due(store, "Second")) == revived
    assert [letter.delivery.id for letter in run(store.dead_letters.page())] == [5, 2, 1]


@pytest.mark.usefixtures("letters")
def test_redriven_delivery_dies_with_the_failures_since(store: Store, run: Run) -> None:
    [revived] = run(store.dead_letters.redrive([1]))
    run(store.queue.bury(revived, a_failure("again"), 99))
    letter: DeadLetter = run(store.dead_letters.get(1))
    assert letter.failures == (AttemptFailure(1, 99, a_failure("again")),)


@pytest.mark.usefixtures("letters")
def test_discard_counts_what_there_was(store: Store, run: Run) -> None:
    assert run(store.dead_letters.discard([1, 404, 5, 1])) == 2
    assert [letter.delivery.id for letter in run(store.dead_letters.page())] == [4, 3, 2]
    assert run(store.dead_letters.discard([])) == 0
    assert run(store.dead_letters.redrive([])) == []
    assert run(due(store, "First")) == []


@pytest.mark.usefixtures("letters")
@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, [1, 2, 3, 4, 5]),
        ({"limit": 2}, [1, 2]),
        ({"after_id": 2, "limit": 2}, [3, 4]),
        ({"topic": "even"}, [2, 4]),
        ({"step_id": "Second", "after_id": 3}, [4, 5]),
        ({"topic": "odd", "step_id": "Second"}, [3, 5]),
        ({"topic": "od"}, []),
    ],
)
def test_ids_are_oldest_first_and_filtered(
    store: Store, run: Run, filters: dict[str, object], expected: list[int]
) -> None:
    assert run(store.dead_letters.ids(**filters)) == expected  # type: ignore[arg-type]  # as parametrized
    if not filters.keys() & {"limit", "after_id"}:
        assert run(store.dead_letters.count(**filters)) == len(expected)  # type: ignore[arg-type]  # as parametrized


@pytest.mark.usefixtures("letters")
def test_redrive_may_bring_other_data(store: Store, run: Run) -> None:
    revived = run(store.dead_letters.redrive([3, 404, 4], b'{"mended":1}'))
    assert [(delivery.id, delivery.data) for delivery in revived] == [(3, b'{"mended":1}'), (4, b'{"mended":1}')]
    assert run(due(store, "Second")) == revived
    assert [letter.delivery.data for letter in run(store.dead_letters.page())] == [b'{"n":1}'] * 3
    assert run(store.dead_letters.redrive([1], b""))[0].data == b""


def test_redriven_delivery_has_its_place_again(store: Store, run: Run) -> None:
    delivery = replace(a_delivery(1), lane="f:g", priority=5, shard=2, due_ms=9)
    run(store.queue.enqueue([delivery]))
    run(store.queue.bury(replace(delivery, attempt=4), a_failure(), 1))
    assert run(store.dead_letters.get(1)).delivery == replace(delivery, attempt=4)
    assert run(store.dead_letters.redrive([1])) == [replace(delivery, attempt=1, due_ms=0, shard=0)]
    assert run(store.queue.read_lanes("Work", after_lane="", limit=9)) == ["f:g"]


def test_discard_forgets_dead_letters_only(store: Store, run: Run) -> None:
    for number in (1, 2):
        run(store.queue.enqueue([a_delivery(number)]))
        run(store.queue.commit(Effects(remembered=[Remembered(number, "k", b"1")])))
    run(store.queue.bury(a_delivery(1), a_failure(), 1))
    assert run(store.dead_letters.discard([1, 2])) == 1
    assert run(store.queue.remembered(1)) == []
    assert run(store.queue.remembered(2)) == [Remembered(2, "k", b"1")]  # it is no dead letter


def test_redrive_of_what_is_no_dead_letter_does_nothing(store: Store, run: Run) -> None:
    run(store.queue.enqueue([a_delivery(1)]))
    before = run(everything(store))
    assert run(store.dead_letters.redrive([1, 2], b"9")) == []
    assert run(everything(store)) == before
