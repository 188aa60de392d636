"""What went wrong in a handler, as data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class FailureKind(StrEnum):
    """What kind of failure it is; the same words as FailureKind in failure.proto."""

    APPLICATION = "application"
    TIMEOUT = "timeout"
    CANCELLED = "cancelled"
    SIDECAR_LOST = "sidecar_lost"
    LOAD_ERROR = "load_error"
    SCHEMA = "schema"
    PAYLOAD_TOO_LARGE = "payload_too_large"
    INTERNAL = "internal"
    BAD_RESULT = "bad_result"
    CONFLICT = "conflict"


class Retry(StrEnum):
    """Whether to try again."""

    DEFAULT = "default"
    AFTER = "after"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an attempt failed. See failure.proto for the fields."""

    kind: FailureKind
    message: str
    type: str = ""
    stack: str = ""
    language: str = ""
    retry: Retry = Retry.DEFAULT
    retry_after_ms: int = 0
    details: bytes = b""  # JSON object text, or empty
    cause: Failure | None = None
