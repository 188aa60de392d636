"""What a client of the management API says about an event beside its topic and data."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from motia_core.errors import BodyInvalidError
from motia_core.model.duration import UNITS_MS, read_duration, write_duration
from motia_core.model.event import EmitOptions
from motia_core.model.wording import describe

LONGEST_MS = 36_500 * UNITS_MS["d"]
LATEST_MS = 253_402_300_800_000  # the year 10,000
EARLIEST_MS = 100_000_000_000  # in 1973; a number below it was meant as seconds
MOST_PRIORITY = 100


def emit_options(body: Mapping[str, object]) -> EmitOptions:
    """The options among the members of a body.

    Raises:
        BodyInvalidError: One of them makes no sense.
    """
    if body.get("delay") is not None and body.get("at") is not None:
        raise BodyInvalidError("delay and at do not go together: give one of them.")
    key = _text(body, "idempotencyKey")
    if body.get("idempotencyWindow") is not None and not key:
        raise BodyInvalidError("idempotencyWindow does nothing without idempotencyKey: add it.")
    return EmitOptions(
        _text(body, "messageGroupId"),
        delay_ms=_duration(body, "delay", 0),
        at_ms=_time(body, "at"),
        idempotency_key=key,
        idempotency_window_ms=_duration(body, "idempotencyWindow", 1) or 0,
        priority=_priority(body),
    )


def _text(body: Mapping[str, object], name: str) -> str:
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise BodyInvalidError(f"{name} must be a string, found {describe(value)}.")
    return value or ""


def _duration(body: Mapping[str, object], name: str, least_ms: int) -> int | None:
    value = body.get(name)
    if value is None:
        return None
    ms = read_duration(value) if isinstance(value, str) else None
    if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= LONGEST_MS:
        ms = round(value * 1000)
    if ms is None or not least_ms <= ms <= LONGEST_MS:
        most = write_duration(LONGEST_MS)
        raise BodyInvalidError(f"{name} must be a number of seconds or a text such as '30s', at most {most}.")
    return ms


def _time(body: Mapping[str, object], name: str) -> int:
    value = body.get(name)
    if value is None:
        return 0
    ms = value if isinstance(value, (int, float)) and not isinstance(value, bool) else None
    if isinstance(value, str):
        try:
            ms = datetime.fromisoformat(value).timestamp() * 1000
        except (ValueError, OverflowError):
            ms = None
    if ms is None or not EARLIEST_MS <= ms < LATEST_MS:
        raise BodyInvalidError(f"{name} must be a time as ISO 8601, '2030-01-31T09:00:00Z', or epoch milliseconds.")
    return int(ms)


def _priority(body: Mapping[str, object]) -> int:
    value = body.get("priority", 0)
    if value is None:
        return 0
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > MOST_PRIORITY:
        raise BodyInvalidError(
            f"priority must be a whole number from -{MOST_PRIORITY} to {MOST_PRIORITY}, found {describe(value)}."
        )
    return value
