"""The exceptions of the SDK: two that handlers raise to steer retries, and those that handlers may meet."""

from __future__ import annotations


class MotiaError(Exception):
    """Root of everything that this package raises."""


class TerminalError(MotiaError):
    """Raise it when trying again is useless: the event goes to the dead letters at once."""


class RetryableError(MotiaError):
    """Raise it when trying again may help, to say when.

    Args:
        message: What went wrong.
        retry_after_s: Seconds to wait before the next attempt; None: as the step's retry policy says.
    """

    def __init__(self, message: str = "", retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


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


class PayloadError(MotiaError, ValueError):
    """A value cannot be written as JSON, or what arrived cannot be read. The message names the place."""


class PayloadTooLargeError(PayloadError):
    """A body, an event's data or a stored value is over the core's limit."""


class BadResultError(MotiaError):
    """An api handler returned nothing, or something that is not a response."""


class ConnectionLostError(MotiaError):
    """The stream to the core broke. Handled inside the sidecar; handlers never see it."""


class SessionRefusedError(MotiaError):
    """The core ended the session with a ProtocolError; its text says what to do."""


class ProtocolViolationError(MotiaError):
    """The core broke a rule of the protocol.

    Attributes:
        code: The number of a ProtocolErrorCode.
    """

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
