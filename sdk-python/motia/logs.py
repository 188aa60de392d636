"""`ctx.logger`: structured logs that never raise and never wait."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Mapping
from typing import Any

from motia._gen.motia.v1 import telemetry_pb2
from motia.failure import message_of, safe_text, stack_of
from motia.payload import encode, to_json_value
from motia.telemetry import Telemetry

DEBUG, INFO, WARN, ERROR = (
    telemetry_pb2.LOG_LEVEL_DEBUG,
    telemetry_pb2.LOG_LEVEL_INFO,
    telemetry_pb2.LOG_LEVEL_WARN,
    telemetry_pb2.LOG_LEVEL_ERROR,
)
LEVELS = {"debug": DEBUG, "info": INFO, "warn": WARN, "warning": WARN, "error": ERROR, "critical": ERROR + 1}
MAX_MESSAGE_BYTES = 64 * 1024
MAX_FIELDS_BYTES = 256 * 1024
MAX_DEPTH = 20


def level_of(name: str | None) -> int:
    """The least level that is recorded, from LOG_LEVEL."""
    return LEVELS.get((name or "info").strip().lower(), INFO)


class Logger:
    """Logs of one attempt. Usable after it ended."""

    __slots__ = ("_invocation_id", "_level", "_step", "_telemetry", "_trace_id")

    def __init__(self, telemetry: Telemetry, level: int, invocation_id: int, step: str, trace_id: str) -> None:
        self._telemetry = telemetry
        self._level = level
        self._invocation_id = invocation_id
        self._step = step
        self._trace_id = trace_id

    def debug(self, message: Any = "", *args: Any, **fields: Any) -> None:
        """For developers."""
        self._log(DEBUG, message, args, fields)

    def info(self, message: Any = "", *args: Any, **fields: Any) -> None:
        """Worth knowing. The second argument is a dict of fields; anything else becomes `{"data": …}`."""
        self._log(INFO, message, args, fields)

    def warn(self, message: Any = "", *args: Any, **fields: Any) -> None:
        """Something may be wrong."""
        self._log(WARN, message, args, fields)

    warning = warn

    def error(self, message: Any = "", *args: Any, **fields: Any) -> None:
        """Something is wrong. Exceptions among the fields are written with message and stack."""
        self._log(ERROR, message, args, fields)

    def exception(self, message: Any = "", *args: Any, **fields: Any) -> None:
        """`error` with the exception that is being handled."""
        self._log(ERROR, message, args, {"error": sys.exc_info()[1], **fields})

    def _log(self, level: int, message: Any, args: tuple[Any, ...], fields: dict[str, Any]) -> None:
        if level < self._level:
            return
        try:
            record = telemetry_pb2.LogRecord(
                invocation_id=self._invocation_id,
                time_unix_ms=int(time.time() * 1000),
                level=level,  # type: ignore[arg-type]
                message=safe_text(message if isinstance(message, str) else str(message), MAX_MESSAGE_BYTES),
                fields=fields_of(args, fields) if args or fields else b"",
                step=self._step,
                trace_id=self._trace_id,
            )
            self._telemetry.add(record)
        except Exception as error:  # boundary: a log line must never fail the handler
            print(f"motia: a log line could not be recorded: {error!r}", file=sys.stderr)


def fields_of(args: tuple[Any, ...], more: dict[str, Any]) -> bytes:
    """The arguments behind the message as the text of one JSON object."""
    fields: dict[Any, Any] = {}
    if args:
        first, *rest = args
        fields = dict(first) if isinstance(first, Mapping) else {} if first is None else {"data": first}
        if rest:
            fields["args"] = rest
    fields.update(more)
    text = b"" if _holds_exception(fields) else _encode_plain(fields)
    text = text or encode(tame(fields), "fields")
    return text if len(text) <= MAX_FIELDS_BYTES else encode({"truncated": f"{len(text):,} bytes of fields"}, "fields")


def _holds_exception(fields: dict[Any, Any]) -> bool:
    return any(isinstance(value, BaseException) for value in fields.values())


def _encode_plain(fields: dict[Any, Any]) -> bytes:
    try:
        return encode(fields, "fields")
    except ValueError:
        return b""


def tame(value: Any, parents: tuple[int, ...] = ()) -> Any:
    """Any value as something JSON can hold: exceptions expanded, objects by their attributes, cycles cut."""
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, BaseException):
        return {"name": type(value).__name__, "message": message_of(value), "stack": stack_of(value)}
    if id(value) in parents or len(parents) >= MAX_DEPTH:
        return "…"
    inside = (*parents, id(value))
    if isinstance(value, dict):
        return {str(key): tame(item, inside) for key, item in list(value.items())}
    if isinstance(value, (list, tuple)):
        return [tame(item, inside) for item in value]
    try:
        return tame(to_json_value(value), inside)
    except Exception:  # boundary: model_dump and the like are user code
        attributes = getattr(value, "__dict__", None)
        return tame(attributes, inside) if attributes else safe_text(repr(value), MAX_MESSAGE_BYTES)
