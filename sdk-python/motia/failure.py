"""Exceptions as Failure messages: what a handler raised becomes data."""

from __future__ import annotations

import os
import traceback

from motia._gen.motia.v1 import failure_pb2
from motia.errors import BadResultError, InputError, PayloadError, PayloadTooLargeError, RetryableError, TerminalError
from motia.payload import encode

SDK_FOLDER = os.path.dirname(os.path.abspath(__file__)) + os.sep  # noqa: PTH100, PTH120 - compared with code.co_filename
MAX_STACK_BYTES = 16 * 1024
MAX_DETAIL_BYTES = 16 * 1024
MAX_MESSAGE_BYTES = 16 * 1024
MAX_CAUSES = 8


def failure_of(error: BaseException, kind: int | None = None, message: str | None = None) -> failure_pb2.Failure:
    """Describe an exception with its trimmed stack, its details and its causes."""
    return _describe(error, kind, message, depth=1)


def _describe(error: BaseException, kind: int | None, message: str | None, depth: int) -> failure_pb2.Failure:
    failure = failure_pb2.Failure(
        kind=kind if kind is not None else _kind_of(error),  # type: ignore[arg-type]
        type=type(error).__name__,
        message=safe_text(message if message is not None else message_of(error), MAX_MESSAGE_BYTES),
        stack=stack_of(error),
        language="python",
        details=_details_of(error),
    )
    if isinstance(error, (TerminalError, InputError)):
        failure.retry = failure_pb2.RETRY_NEVER
    elif isinstance(error, RetryableError):
        failure.retry = failure_pb2.RETRY_AFTER
        if error.retry_after_s is not None:
            failure.retry_after_ms = max(1, round(error.retry_after_s * 1000))  # 0 says: as the policy does
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None and cause is not error and depth < MAX_CAUSES:
        failure.cause.CopyFrom(_describe(cause, None, None, depth + 1))
    return failure


def _kind_of(error: BaseException) -> int:
    if isinstance(error, PayloadTooLargeError):
        return failure_pb2.FAILURE_KIND_PAYLOAD_TOO_LARGE
    if isinstance(error, (PayloadError, InputError)):
        return failure_pb2.FAILURE_KIND_SCHEMA
    if isinstance(error, BadResultError):
        return failure_pb2.FAILURE_KIND_BAD_RESULT
    return failure_pb2.FAILURE_KIND_APPLICATION


def message_of(error: BaseException) -> str:
    """The exception's message; never raises."""
    if isinstance(error, SystemExit):
        return f"handler called sys.exit({'' if error.code is None else error.code})"
    if isinstance(error, KeyboardInterrupt):
        return "handler raised KeyboardInterrupt"
    try:
        return str(error)
    except Exception:  # boundary: __str__ is user code
        return "(its __str__ raised)"


def stack_of(error: BaseException) -> str:
    """The exception's own traceback without the SDK's frames."""
    summary = traceback.TracebackException.from_exception(error, lookup_lines=True)
    summary.__cause__ = summary.__context__ = None  # they travel as Failure.cause
    frames = [frame for frame in summary.stack if not frame.filename.startswith(SDK_FOLDER)]
    summary.stack = traceback.StackSummary.from_list(frames)
    return safe_text("".join(summary.format()), MAX_STACK_BYTES)


def safe_text(text: str, max_bytes: int) -> str:
    """Valid UTF-8 of at most `max_bytes`; what is too much is cut from the middle."""
    data = text.encode(errors="backslashreplace")
    if len(data) <= max_bytes:
        return data.decode()
    half = max_bytes // 2 - 8
    return f"{data[:half].decode(errors='ignore')}\n…\n{data[-half:].decode(errors='ignore')}"


def _details_of(error: BaseException) -> bytes:
    """What the exception's attributes say, as far as they are JSON and there is room."""
    members: list[bytes] = []
    room = MAX_DETAIL_BYTES
    attributes = dict(getattr(error, "__dict__", None) or {})
    notes = attributes.pop("__notes__", None)
    if isinstance(error, RetryableError):
        attributes.pop("retry_after_s", None)  # has a field of its own
    if notes:
        attributes["notes"] = [str(note) for note in notes]
    for name, value in attributes.items():
        if name.startswith("_"):
            continue
        try:
            member = encode({name: value}, name)[1:-1]
        except PayloadError:
            continue
        if len(member) + 3 <= room:  # its comma, and the braces
            members.append(member)
            room -= len(member) + 1
    return b"{" + b",".join(members) + b"}" if members else b""
