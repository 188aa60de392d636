"""Failed attempts as lines of JSON, one a failure, so that a failure is appended without reading those before."""

from __future__ import annotations

import orjson

from motia_core.model.event import AttemptFailure
from motia_core.model.failure import Failure, FailureKind, Retry

Fields = dict[str, object]


def to_line(failed: AttemptFailure) -> str:
    """One line, with its newline."""
    fields = {"attempt": failed.attempt, "failed_ms": failed.failed_ms, **_to_fields(failed.failure)}
    return orjson.dumps(fields, option=orjson.OPT_APPEND_NEWLINE).decode()


def from_lines(lines: str) -> tuple[AttemptFailure, ...]:
    """All failures, oldest first."""
    return tuple(_from_line(line) for line in lines.split("\n") if line)


def _to_fields(failure: Failure) -> Fields:
    fields: Fields = {
        "kind": failure.kind,
        "message": failure.message,
        "type": failure.type,
        "stack": failure.stack,
        "language": failure.language,
        "retry": failure.retry,
        "retry_after_ms": failure.retry_after_ms,
        "details": failure.details.decode(errors="replace"),
    }
    if failure.cause:
        fields["cause"] = _to_fields(failure.cause)
    return fields


def _from_line(line: str) -> AttemptFailure:
    fields = orjson.loads(line)
    return AttemptFailure(fields.pop("attempt"), fields.pop("failed_ms"), _from_fields(fields))


def _from_fields(fields: Fields) -> Failure:
    cause = fields.get("cause")
    return Failure(
        kind=FailureKind(str(fields["kind"])),
        message=str(fields["message"]),
        type=str(fields["type"]),
        stack=str(fields["stack"]),
        language=str(fields["language"]),
        retry=Retry(str(fields["retry"])),
        retry_after_ms=int(str(fields["retry_after_ms"])),
        details=str(fields["details"]).encode(),
        cause=_from_fields(cause) if isinstance(cause, dict) else None,
    )
