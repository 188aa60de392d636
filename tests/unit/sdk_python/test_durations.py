"""Durations and times: every form that is taken, and a clear word about those that are not."""

from __future__ import annotations

import datetime

import pytest

from motia.durations import duration_ms, positive_ms, unix_ms
from motia.errors import RetryableError
from motia.failure import failure_of

UTC = datetime.UTC


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (0, 0),
        (2, 2000),
        (0.25, 250),
        (0.0001, 1),  # not nothing
        ("500ms", 500),
        ("30s", 30_000),
        (" 1.5 m ", 90_000),
        ("2h", 7_200_000),
        ("7d", 604_800_000),
        (datetime.timedelta(minutes=1, milliseconds=3), 60_003),
    ],
)
def test_durations(value: object, wanted: int) -> None:
    assert duration_ms(value, "delay") == wanted


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("soon", "delay is 'soon', which is no duration: give seconds as a number"),
        ("30", "delay is '30', which is no duration"),
        ("-3s", "delay is '-3s', which is no duration"),
        ("٣s", "which is no duration"),
        ("", "delay is ''"),
        (-1, "delay is -1: it must not be negative"),
        (datetime.timedelta(seconds=-1), "must not be negative"),
        (True, "delay is a bool"),
        ([5], "delay is a list"),
        (float("nan"), "delay is nan"),
        (float("inf"), "the most is 36500 days"),
        ("36501d", "the most is 36500 days"),
    ],
)
def test_what_is_no_duration(value: object, says: str) -> None:
    with pytest.raises(ValueError, match="delay") as raised:
        duration_ms(value, "delay")
    assert says in str(raised.value)


def test_a_duration_that_cannot_be_nothing() -> None:
    assert positive_ms("1ms", "ttl") == 1
    with pytest.raises(ValueError, match="ttl is '0s': it must be more than 0; leave it out for none"):
        positive_ms("0s", "ttl")


@pytest.mark.parametrize(
    "value",
    [
        datetime.datetime(2030, 1, 31, 9, 0, 0, 250_000, tzinfo=UTC),
        datetime.datetime(2030, 1, 31, 9, 0, 0, 250_000, tzinfo=UTC).astimezone().replace(tzinfo=None),  # local time
        "2030-01-31T09:00:00.250Z",
        "2030-01-31T11:00:00.250+02:00",
        1896080400.25,
    ],
)
def test_times(value: object) -> None:
    assert unix_ms(value, "at") == 1_896_080_400_250


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("tomorrow", "at is 'tomorrow': write a time as ISO 8601"),
        ("", "at is ''"),
        (None, "at is a NoneType"),
        (True, "at is a bool"),
        (1_896_080_400_250, "it must lie between 1970 and the year 10000, in seconds"),  # milliseconds
        (-1, "between 1970"),
        (float("nan"), "between 1970"),
    ],
)
def test_what_is_no_time(value: object, says: str) -> None:
    with pytest.raises(ValueError, match="at") as raised:
        unix_ms(value, "at")
    assert says in str(raised.value)


@pytest.mark.parametrize(
    ("error", "wanted"),
    [
        (RetryableError("x"), 0),  # as the policy says
        (RetryableError("x", 0), 1),  # at once
        (RetryableError("x", -3), 1),
        (RetryableError("x", 1.5), 1500),
        (RetryableError("x", retry_after="2m"), 120_000),
        (RetryableError("x", retry_after=datetime.timedelta(hours=1)), 3_600_000),
        (RetryableError("x", retry_after_s=0.05), 50),
    ],
)
def test_when_a_retryable_error_wants_the_next_attempt(error: RetryableError, wanted: int) -> None:
    assert failure_of(error).retry_after_ms == wanted


def test_a_retryable_error_that_says_nonsense() -> None:
    with pytest.raises(ValueError, match="retry_after is 'later', which is no duration"):
        RetryableError("x", retry_after="later")


def test_a_retryable_error_that_skips_its_constructor() -> None:
    class Busy(RetryableError):
        def __init__(self) -> None:
            self.queue = "mails"

    failure = failure_of(Busy())
    assert (failure.retry_after_ms, failure.details) == (0, b'{"queue":"mails"}')
