"""Options of an emit: what is written for each, and which are refused."""

from __future__ import annotations

from typing import Any

import pytest

from motia._gen.motia.v1 import call_pb2
from motia.emit_options import fill_options


def filled(**event: Any) -> call_pb2.Emit:
    operation = call_pb2.Emit()
    fill_options(operation, event)
    return operation


@pytest.mark.parametrize(
    ("event", "wanted"),
    [
        ({"messageGroupId": 7}, {"message_group_id": "7"}),
        ({"message_group_id": "g"}, {"message_group_id": "g"}),
        ({"delay": "5m"}, {"delay_ms": 300_000}),
        ({"delay": 0}, {"delay_ms": 0}),
        ({"at": "2030-01-31T09:00:00Z"}, {"at_unix_ms": 1_896_080_400_000}),
        ({"at": 0}, {"at_unix_ms": 1}),  # 0 would say that no time is given
        (
            {"idempotencyKey": 17, "idempotencyWindow": "1h"},
            {"idempotency_key": "17", "idempotency_window_ms": 3600000},
        ),
        ({"idempotency_key": "k", "idempotency_window": 1.5}, {"idempotency_key": "k", "idempotency_window_ms": 1500}),
        ({"priority": -100}, {"priority": -100}),
        (
            dict.fromkeys(("messageGroupId", "delay", "at", "idempotencyKey", "idempotencyWindow", "priority")),
            {},
        ),
        ({"title": "not an option", "retries": 3}, {}),
    ],
)
def test_options(event: dict[str, Any], wanted: dict[str, Any]) -> None:
    assert filled(**event) == call_pb2.Emit(**wanted)


def test_no_delay_is_told_from_a_delay_of_nothing() -> None:
    assert filled(delay=0).HasField("delay_ms")
    assert not filled().HasField("delay_ms")


@pytest.mark.parametrize(
    ("event", "says"),
    [
        ({"delay": 1, "at": 1}, "emit has both delay and at: give one of them"),
        ({"delay": -1}, "delay is -1: it must not be negative"),
        ({"delay": "later"}, "delay is 'later', which is no duration"),
        ({"at": "later"}, "at is 'later': write a time as ISO 8601"),
        ({"idempotencyKey": ""}, "idempotencyKey is empty"),
        ({"idempotencyWindow": 5}, "an idempotencyWindow without an idempotencyKey"),
        ({"idempotencyKey": "k", "idempotencyWindow": 0}, "idempotencyWindow is 0: it must be more than 0"),
        ({"priority": 101}, "priority is 101: give a whole number from -100 to 100"),
        ({"priority": 1.5}, "priority is 1.5"),
        ({"priority": "high"}, "priority is 'high'"),
        ({"priority": True}, "priority is True"),
    ],
)
def test_options_that_make_no_sense(event: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError) as raised:
        filled(**event)
    assert says in str(raised.value)
