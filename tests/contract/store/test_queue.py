"""Deliveries that wait."""

from __future__ import annotations

from dataclasses import replace

from motia_core.model.event import Backlog, Delivery
from motia_core.store import Store
from tests.contract.store.conftest import Run
from tests.fakes.values import a_delivery, a_failure


def test_delivery_is_read_as_it_was_enqueued(store: Store, run: Run) -> None:
    delivery = replace(a_delivery(7), data='{"ü":"\\u0000 🚀"}'.encode(), due_ms=2**52, attempt=3)
    run(store.queue.enqueue([delivery]))
    assert run(store.queue.read("Work", after_id=0, limit=10)) == [delivery]


def test_delivery_without_data_stays_without(store: Store, run: Run) -> None:
    run(store.queue.enqueue([a_delivery(1, data=b"")]))
    assert run(store.queue.read("Work", after_id=0, limit=1))[0].data == b""


def test_read_goes_by_id_within_a_step_whatever_the_order_of_enqueues(store: Store, run: Run) -> None:
    for number in (5, 3, 9, 1):
        run(store.queue.enqueue([a_delivery(number), a_delivery(number + 100, step_id="Other")]))

    def ids(after_id: int, limit: int) -> list[int]:
        return [delivery.id for delivery in run(store.queue.read("Work", after_id=after_id, limit=limit))]

    assert ids(0, 100) == [1, 3, 5, 9]
    assert ids(3, 100) == [5, 9]
    assert ids(1, 2) == [3, 5]
    assert ids(9, 100) == []


def test_enqueue_of_nothing_does_nothing(store: Store, run: Run) -> None:
    run(store.queue.enqueue([]))
    assert run(store.queue.backlogs()) == []


def test_enqueue_takes_more_deliveries_than_one_statement_holds(store: Store, run: Run) -> None:
    run(store.queue.enqueue([a_delivery(number) for number in range(1, 1_001)]))
    found: list[Delivery] = run(store.queue.read("Work", after_id=0, limit=2_000))
    assert [delivery.id for delivery in found] == list(range(1, 1_001))


def test_what_was_enqueued_is_a_copy(store: Store, run: Run) -> None:
    delivery = a_delivery(1)
    run(store.queue.enqueue([delivery]))
    delivery.attempt = 9
    assert run(store.queue.read("Work", after_id=0, limit=1))[0].attempt == 1


def test_completed_delivery_is_gone(store: Store, run: Run) -> None:
    run(store.queue.enqueue([a_delivery(1), a_delivery(2)]))
    run(store.queue.complete(1))
    assert [delivery.id for delivery in run(store.queue.read("Work", after_id=0, limit=9))] == [2]


def test_unknown_ids_are_ignored(store: Store, run: Run) -> None:
    run(store.queue.complete(404))
    run(store.queue.retry(a_delivery(404), a_failure(), 1))
    run(store.queue.bury(a_delivery(404), a_failure(), 1))
    assert run(store.queue.read("Work", after_id=0, limit=9)) == []
    assert run(store.dead_letters.page()) == []


def test_retry_stores_attempt_and_due_time_only(store: Store, run: Run) -> None:
    delivery = a_delivery(1)
    run(store.queue.enqueue([delivery]))
    run(store.queue.retry(replace(delivery, attempt=2, due_ms=5_000, topic="other"), a_failure(), 3_000))
    assert run(store.queue.read("Work", after_id=0, limit=9)) == [replace(delivery, attempt=2, due_ms=5_000)]


def test_backlogs_count_the_deliveries_of_every_step(store: Store, run: Run) -> None:
    run(store.queue.enqueue([a_delivery(1), a_delivery(2), a_delivery(3, step_id="Other")]))
    backlogs: list[Backlog] = run(store.queue.backlogs())
    assert sorted(backlogs, key=lambda backlog: backlog.step_id) == [Backlog("Other", 1), Backlog("Work", 2)]
