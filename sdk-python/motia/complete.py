"""Complete frames: how an attempt ended, packed in the thread that ran it."""

from __future__ import annotations

from typing import Any

from motia._gen.motia.v1 import failure_pb2, invoke_pb2, sidecar_pb2
from motia.attempt import REASONS, Attempt
from motia.failure import failure_of
from motia.response import fill_response
from motia.stream_hooks import answer_of
from motia.wire import pack


def succeeded(attempt: Attempt, result: Any, handler_us: int, max_bytes: int) -> bytes:
    """The handler returned: an Answer, when somebody waits for one. Raises what makes it none."""
    frame = sidecar_pb2.SidecarFrame()
    complete = frame.complete
    complete.invocation_id = attempt.id
    complete.lease_token = attempt.lease_token
    complete.handler_us = handler_us
    if attempt.is_api and attempt.stream is None:
        fill_response(complete.http, result, max_bytes)
    elif attempt.invoke.HasField("stream"):
        complete.answer.value = answer_of(attempt.invoke.stream, result)
    else:
        complete.done.SetInParent()
    return pack(frame)


def failed(attempt: Attempt, error: BaseException, handler_us: int) -> bytes:
    """The handler raised, or was interrupted: then the reason of that is the failure."""
    if attempt.interrupted:
        return interrupted(attempt, error, handler_us)
    if attempt.suspension is not None:
        return suspended(attempt, attempt.suspension, handler_us)
    return _pack(attempt, failure_of(error), handler_us)


def suspended(attempt: Attempt, suspension: invoke_pb2.Suspended, handler_us: int) -> bytes:
    """The handler waits, whatever it did since. A call that failed without anybody looking fails the attempt."""
    if error := attempt.unnoticed_error():
        return _pack(attempt, failure_of(error), handler_us)
    frame = sidecar_pb2.SidecarFrame()
    complete = frame.complete
    complete.invocation_id = attempt.id
    complete.lease_token = attempt.lease_token
    complete.handler_us = handler_us
    complete.suspended.CopyFrom(suspension)
    return pack(frame)


def interrupted(attempt: Attempt, error: BaseException | None, handler_us: int) -> bytes:
    """The attempt was cancelled and its result does not count."""
    if attempt.cancel_reason == invoke_pb2.CANCEL_REASON_TIMEOUT:
        kind = failure_pb2.FAILURE_KIND_TIMEOUT
        message = f"Step execution timed out after {attempt.invoke.timeout_ms / 1000:g} seconds"
    else:
        kind = failure_pb2.FAILURE_KIND_CANCELLED
        message = f"Step execution was cancelled: {REASONS.get(attempt.cancel_reason, 'user')}"
    if error is None:
        return _pack(attempt, failure_pb2.Failure(kind=kind, message=message, language="python"), handler_us)
    return _pack(attempt, failure_of(error, kind, message), handler_us)


def not_loaded(attempt: Attempt, message: str) -> bytes:
    """The step has no handler here."""
    failure = failure_pb2.Failure(kind=failure_pb2.FAILURE_KIND_LOAD_ERROR, message=message, language="python")
    return _pack(attempt, failure, 0)


def _pack(attempt: Attempt, failure: failure_pb2.Failure, handler_us: int) -> bytes:
    frame = sidecar_pb2.SidecarFrame()
    complete = frame.complete
    complete.invocation_id = attempt.id
    complete.lease_token = attempt.lease_token
    complete.handler_us = handler_us
    complete.failure.CopyFrom(failure)
    return pack(frame)
