"""Log records as OpenTelemetry has them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import orjson
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord as OtlpRecord
from opentelemetry.proto.logs.v1.logs_pb2 import SeverityNumber

from motia_core.model.trace import LogRecord
from motia_core.telemetry.attributes import attributes

MS = 1_000_000  # nanoseconds
SEVERITIES = (  # by level
    (SeverityNumber.SEVERITY_NUMBER_DEBUG, "DEBUG"),
    (SeverityNumber.SEVERITY_NUMBER_INFO, "INFO"),
    (SeverityNumber.SEVERITY_NUMBER_WARN, "WARN"),
    (SeverityNumber.SEVERITY_NUMBER_ERROR, "ERROR"),
)


def log_records(records: Iterable[tuple[LogRecord, str]]) -> list[OtlpRecord]:
    """The records.

    Args:
        records: Each with the traceparent of the attempt that it belongs to, or "".
    """
    return [_record(record, traceparent) for record, traceparent in records]


def _record(record: LogRecord, traceparent: str) -> OtlpRecord:
    number, text = SEVERITIES[record.level]
    facts: dict[str, object] = {**_fields(record.fields)}
    if record.step:
        facts["motia.step"] = record.step
    if record.trace_id:
        facts["motia.trace_id"] = record.trace_id
    made = OtlpRecord(
        time_unix_nano=record.time_ms * MS,
        observed_time_unix_nano=record.time_ms * MS,
        severity_number=number,
        severity_text=text,
        body=AnyValue(string_value=record.message),
        attributes=attributes(facts),
    )
    if traceparent:
        _, trace_id, span_id, flags = traceparent.split("-")
        made.trace_id, made.span_id = bytes.fromhex(trace_id), bytes.fromhex(span_id)
        made.flags = int(flags, 16)
    return made


def _fields(fields: bytes) -> Mapping[str, object]:
    try:
        found = orjson.loads(fields) if fields else {}
    except orjson.JSONDecodeError:
        return {"fields": fields.decode(errors="replace")}
    return found if isinstance(found, dict) else {"fields": found}
