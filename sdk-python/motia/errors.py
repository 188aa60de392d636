"""The exceptions of the SDK: two that handlers raise to steer retries, and those that handlers may meet."""

from __future__ import annotations

from typing import Any

from motia.durations import duration_ms


class MotiaError(Exception):
    """Root of everything that this package raises."""


class TerminalError(MotiaError):
    """Raise it when trying again is useless: the event goes to the dead letters at once."""


class RetryableError(MotiaError):
    """Raise it when trying again may help, to say when.

    Args:
        message: What went wrong.
        retry_after: How long to wait before the next attempt: seconds, a timedelta, or a text such as "30s"; what
            is over already means at once. None: as the step's retry policy says.
        retry_after_s: The same, in seconds.
    """

    retry_after_s: float | None = None

    def __init__(self, message: str = "", retry_after: Any = None, *, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = _wait_s(retry_after_s if retry_after is None else retry_after)


def _wait_s(retry_after: Any) -> float | None:
    if retry_after is None:
        return None
    is_over = isinstance(retry_after, (int, float)) and retry_after < 0  # a time of the past, less the present
    return 0.0 if is_over else duration_ms(retry_after, "retry_after") / 1000


class CallError(MotiaError):
    """The core could not do what a context call asked; nothing of the call took effect.

    Attributes:
        kind: What kind of failure it is, for example "schema" or "internal".
        type: Name of the error in the core, when it has one.
    """

    def __init__(self, message: str, kind: str = "internal", type: str = "") -> None:  # noqa: A002
        super().__init__(message)
        self.kind = kind
        self.type = type


class ContextClosedError(MotiaError):
    """The context was used after its invocation had ended. Await what uses it before the handler returns."""


class OutsideOfStepError(MotiaError):
    """What was imported from `motia` was called where no step runs: while its file was imported, for example."""


class NotSuspendableError(MotiaError):
    """An api step cannot sleep or wait for an event: somebody waits for its response."""


class WriteInRunError(MotiaError):
    """A function of `ctx.run` in an atomic step emits or writes: its result would be remembered, what it did would not.
    Do that outside of `run`."""


class Suspended(BaseException):
    """Ends a handler that sleeps or waits for an event; it is called again later.

    Not an Exception, so that `except Exception` lets it through. Do not catch it: the attempt has ended all the same.
    """


class PayloadError(MotiaError, ValueError):
    """A value cannot be written as JSON, or what arrived cannot be read. The message names the place."""


class PayloadTooLargeError(PayloadError):
    """A body, an event's data or a stored value is over the core's limit."""


class InputError(MotiaError, ValueError):
    """What a handler was to get is not what its schemas take. Handled by the SDK; handlers never see it.

    Attributes:
        errors: One entry for each thing that is wrong: in, path, message, keyword.
        of: "input", for the core.
    """

    def __init__(self, errors: list[dict[str, str]]) -> None:
        first = errors[0]
        super().__init__(f"The {first['in']} is not what this step takes: {first['path']}: {first['message']}")
        self.errors = errors
        self.of = "input"


class BadResultError(MotiaError):
    """An api handler returned nothing, or something that is not a response."""


class ConnectionLostError(MotiaError):
    """The stream to the core broke. Handled inside the sidecar; handlers never see it."""


class SessionRefusedError(MotiaError):
    """The core ended the session with a ProtocolError; its text says what to do."""


class CertificateError(MotiaError):
    """The core and this sidecar do not trust each other's certificates; the text says what to do."""


class ProtocolViolationError(MotiaError):
    """The core broke a rule of the protocol.

    Attributes:
        code: The number of a ProtocolErrorCode.
    """

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class FilesDifferError(ProtocolViolationError):
    """The files here are not those of the core. Nobody has broken a rule; but this sidecar is of no use."""
