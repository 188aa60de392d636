"""How attempts end beside what their sidecar says: cancelled, too large, or in a way that their step cannot."""

from __future__ import annotations

from motia_core.model.failure import Failure, FailureKind
from motia_core.model.http import HttpResponse
from motia_core.model.invocation import CancelReason, Invocation, Outcome, Pool, Suspended
from motia_core.model.stream import HookAnswer, StreamHook
from motia_core.sidecars.calls import over


def checked(invocation: Invocation, outcome: Outcome, max_payload_bytes: int) -> Outcome:
    """The outcome, or why it cannot be one of this invocation."""
    if (type(outcome) is HookAnswer) is not (type(invocation.trigger) is StreamHook) and type(outcome) is not Failure:
        what = "an answer" if type(outcome) is HookAnswer else "no answer"
        return Failure(FailureKind.BAD_RESULT, f"the sidecar gave {what} of a stream hook", type="HookError")
    if type(outcome) is HttpResponse:
        payload, what = outcome.body, "the body of the response"
    elif type(outcome) is Suspended:
        if invocation.pool is Pool.API:
            message = "an api step cannot sleep or wait: somebody waits for its answer"
            return Failure(FailureKind.BAD_RESULT, message, type="SuspendError")
        payload, what = outcome.match, f"match of the wait '{outcome.key}'"
    else:
        return outcome
    if len(payload) <= max_payload_bytes:
        return outcome
    return too_large(f"{what} has {len(payload):,} bytes, {over(max_payload_bytes)}")


def cancelled(reason: CancelReason, invocation: Invocation) -> Failure:
    """How an attempt ends that was cancelled."""
    if reason is CancelReason.TIMEOUT:
        limit_s = invocation.timeout_ms / 1000
        after = f"after {limit_s:g} seconds" if limit_s else "at the end of its lease"
        return Failure(FailureKind.TIMEOUT, f"Step execution timed out {after}")
    return Failure(FailureKind.CANCELLED, f"Step execution was cancelled ({reason.name.lower()})")


def too_large(message: str) -> Failure:
    """How an attempt ends whose input or output cannot be sent."""
    return Failure(FailureKind.PAYLOAD_TOO_LARGE, message, type="PayloadTooLargeError")
