"""Exceptions become data, whatever they are like."""

from __future__ import annotations

import json

import pytest

from motia._gen.motia.v1 import failure_pb2
from motia.errors import BadResultError, PayloadError, RetryableError, TerminalError
from motia.failure import MAX_DETAIL_BYTES, MAX_STACK_BYTES, failure_of


def caught(error: BaseException) -> failure_pb2.Failure:
    try:
        raise error
    except BaseException as raised:  # every kind is wanted here
        return failure_of(raised)


class Nasty(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no text")


@pytest.mark.parametrize(
    ("error", "kind", "retry"),
    [
        (ValueError("x"), failure_pb2.FAILURE_KIND_APPLICATION, failure_pb2.RETRY_UNSPECIFIED),
        (TerminalError("x"), failure_pb2.FAILURE_KIND_APPLICATION, failure_pb2.RETRY_NEVER),
        (RetryableError("x"), failure_pb2.FAILURE_KIND_APPLICATION, failure_pb2.RETRY_AFTER),
        (BadResultError("x"), failure_pb2.FAILURE_KIND_BAD_RESULT, failure_pb2.RETRY_UNSPECIFIED),
        (PayloadError("x"), failure_pb2.FAILURE_KIND_SCHEMA, failure_pb2.RETRY_UNSPECIFIED),
    ],
)
def test_kind_and_retry(error: Exception, kind: int, retry: int) -> None:
    failure = caught(error)
    assert (failure.kind, failure.retry, failure.message, failure.retry_after_ms) == (kind, retry, "x", 0)
    assert failure.type == type(error).__name__


def test_a_message_that_cannot_be_had_or_written() -> None:
    assert "raised" in caught(Nasty()).message
    assert caught(ValueError("half \ud800")).message == "half \\ud800"


def test_causes_are_cut_at_eight() -> None:
    error: Exception | None = None
    for n in range(20):
        try:
            raise ValueError(str(n)) from error
        except ValueError as raised:
            error = raised
    assert error is not None
    depth, failure = 1, failure_of(error)
    while failure.HasField("cause"):
        depth, failure = depth + 1, failure.cause
    assert depth == 8


def test_suppressed_context_is_no_cause() -> None:
    try:
        try:
            raise KeyError("a")
        except KeyError:
            raise ValueError("b") from None
    except ValueError as error:
        assert not failure_of(error).HasField("cause")


def test_long_stacks_are_cut_in_the_middle() -> None:
    failure = caught(ValueError("start " + "x" * 100_000 + " end"))
    assert len(failure.stack.encode()) <= MAX_STACK_BYTES
    assert failure.stack.startswith("Traceback")
    assert failure.stack.rstrip().endswith("end")


def test_details_are_the_attributes_that_are_json() -> None:
    error = ValueError("x")
    error.code, error.secret, error._private = 7, object(), 1  # type: ignore[attr-defined]
    assert json.loads(caught(error).details) == {"code": 7}
    assert caught(ValueError("x")).details == b""


def test_details_beyond_the_limit_are_left_out_one_by_one() -> None:
    error = RetryableError("x", retry_after=1)
    error.rows, error.code = ["x" * 100] * 1000, 7  # type: ignore[attr-defined]
    assert json.loads(caught(error).details) == {"code": 7}
    for n in range(1000):
        setattr(error, f"n{n}", "x" * 100)
    details = caught(error).details
    assert MAX_DETAIL_BYTES - 120 < len(details) <= MAX_DETAIL_BYTES
    assert len(json.loads(details)) > 100


def test_notes_are_details() -> None:
    error = ValueError("x")
    error.add_note("on line 7")
    assert json.loads(caught(error).details) == {"notes": ["on line 7"]}
