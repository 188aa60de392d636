"""What a sidecar need not be able to do: it says so in Hello, and is not asked for what it did not name."""

from __future__ import annotations

from motia_core.model.failure import Failure, FailureKind, Retry
from motia_core.model.http import HttpRequest
from motia_core.model.invocation import Invocation
from motia_core.model.stream import StreamHook

STREAMED_RESPONSES = "streamed-responses"
UPLOADS = "uploads"
SOCKETS = "sockets"
STREAM_HOOKS = "stream-hooks"
RELOAD = "reload"
SEVERAL_STEPS = "several-steps"
CAPABILITIES = frozenset({STREAMED_RESPONSES, UPLOADS, SOCKETS, STREAM_HOOKS, RELOAD, SEVERAL_STEPS})  # of this core


def lacking(invocation: Invocation, capabilities: frozenset[str], sidecar: str) -> Failure | None:
    """How an attempt ends that this sidecar cannot make; None: it can."""
    trigger = invocation.trigger
    if type(trigger) is StreamHook:
        needed = STREAM_HOOKS
    elif type(trigger) is HttpRequest and trigger.socket is not None:
        needed = SOCKETS
    elif type(trigger) is HttpRequest and trigger.files:
        needed = UPLOADS
    else:
        return None
    if needed in capabilities:
        return None
    message = f"the SDK of {sidecar} does not have the capability {needed!r}, which this needs: upgrade the SDK"
    return Failure(FailureKind.BAD_RESULT, message, type="CapabilityError", retry=Retry.NEVER)
