"""Every error that motia-core raises on purpose. A family says who must act; the docstring of a leaf is its default
message; docs/errors.md has a row for each code. What a user's handler raised is data (`model.failure.Failure`)."""

from __future__ import annotations

import inspect
from typing import ClassVar


class MotiaError(Exception):
    """Base of all errors below.

    Args:
        message: What is wrong, where, and what to do. Default: the class's docstring.
        details: JSON-able facts for machines; shown under `details` in HTTP problems and `--json` output.
    """

    code: ClassVar[str] = "MOTIA"
    http_status: ClassVar[int] = 500
    retryable: ClassVar[bool] = False

    def __init__(self, message: str | None = None, **details: object) -> None:
        self.message = message or inspect.cleandoc(type(self).__doc__ or type(self).__name__)
        self.details = details
        super().__init__(self.message)


class ProjectError(MotiaError):
    """The step author must act, before anything runs."""


class RequestError(MotiaError):
    """The HTTP caller must act."""

    http_status = 400


class StepError(MotiaError):
    """The step author must act: a handler misbehaved at run time."""


class SidecarError(MotiaError):
    """The operator or the author of an SDK must act."""


class StoreError(MotiaError):
    """The operator must act: the store cannot do its work."""

    http_status = 503
    retryable = True


class LifecycleError(MotiaError):
    """Wait and try again."""

    http_status = 503
    retryable = True


class InternalError(MotiaError):
    """This should never happen. Please report it with the log around it."""

    code = "INTERNAL"


class ProjectNotFoundError(ProjectError):
    """The project folder does not exist."""

    code = "PROJECT_NOT_FOUND"


class SettingsError(ProjectError):
    """A setting is unknown or has a wrong value."""

    code = "SETTINGS_INVALID"


class ComponentError(ProjectError):
    """The component that draws a step in its flow could not be bundled."""

    code = "COMPONENT_NOT_BUNDLED"
    http_status = 422


class RequestInvalidError(RequestError):
    """This is not HTTP/1.1, or not clearly: what was sent has no meaning, or more than one."""

    code = "REQUEST_INVALID"


class RouteNotFoundError(RequestError):
    """Not found"""

    code = "ROUTE_NOT_FOUND"
    http_status = 404


class MethodNotAllowedError(RequestError):
    """Method not allowed"""

    code = "METHOD_NOT_ALLOWED"
    http_status = 405


class PathInvalidError(RequestError):
    """The path is not valid percent-encoding."""

    code = "PATH_INVALID"


class BodyInvalidError(RequestError):
    """The request body cannot be read."""

    code = "BODY_INVALID"


class RequestSchemaError(RequestError):
    """The request does not have the shape that the step's schemas ask for."""

    code = "REQUEST_SCHEMA"


class BodyTooLargeError(RequestError):
    """The request body is too large."""

    code = "BODY_TOO_LARGE"
    http_status = 413


class BodyUnsupportedError(RequestError):
    """The character set or the encoding of the request body is not supported."""

    code = "BODY_UNSUPPORTED"
    http_status = 415


class UrlTooLongError(RequestError):
    """The URL is too long."""

    code = "URL_TOO_LONG"
    http_status = 414


class HeadersTooLargeError(RequestError):
    """The headers of the request are too large, or too many."""

    code = "HEADERS_TOO_LARGE"
    http_status = 431


class RequestTimeoutError(RequestError):
    """The request did not come in time."""

    code = "REQUEST_TIMEOUT"
    http_status = 408


class UnauthorizedError(RequestError):
    """A token is required."""

    code = "UNAUTHORIZED"
    http_status = 401


class ForbiddenError(RequestError):
    """This is not allowed from there."""

    code = "FORBIDDEN"
    http_status = 403


class QueryInvalidError(RequestError):
    """A query parameter has a wrong value."""

    code = "QUERY_INVALID"


class NotAvailableError(RequestError):
    """There is no such thing."""

    code = "NOT_AVAILABLE"
    http_status = 404


class StreamAuthError(RequestError):
    """The project's streamAuth refused the client."""

    code = "STREAM_AUTH"
    http_status = 401


class StreamAccessError(RequestError):
    """Access denied"""

    code = "STREAM_ACCESS_DENIED"
    http_status = 403


class MessageRefusedError(RequestError):
    """The stream does not take this message from this client."""

    code = "MESSAGE_REFUSED"
    http_status = 403


class MessageInvalidError(RequestError):
    """A message to a stream is not what the stream asks for."""

    code = "MESSAGE_INVALID"


class ReplayError(RequestError):
    """A run cannot be repeated."""

    code = "REPLAY_IMPOSSIBLE"
    http_status = 409


class StateConflictError(RequestError):
    """A value was changed by somebody else meanwhile."""

    code = "STATE_CONFLICT"
    http_status = 409


class UnknownStepError(RequestError):
    """There is no such step."""

    code = "UNKNOWN_STEP"
    http_status = 404


class StepFailedError(StepError):
    """Internal server error"""

    code = "STEP_FAILED"


class StepTimeoutError(StepError):
    """The step did not answer in time."""

    code = "STEP_TIMEOUT"
    http_status = 504


class StreamItemError(StepError):
    """A stream item is not an object, or not what the stream's schema asks for."""

    code = "STREAM_ITEM"


class CannotWaitError(StepError):
    """The step cannot wait or remember: only event and cron steps have deliveries that live on."""

    code = "CANNOT_WAIT"


class EmitInvalidError(StepError):
    """The data of an event does not have the shape that its subscribers ask for; it was not emitted."""

    code = "EMIT_SCHEMA"
    http_status = 400


class ResponseSchemaError(StepError):
    """The body of a response does not have the shape that the step promises; it was not sent."""

    code = "RESPONSE_SCHEMA"


class SocketCloseError(StepError):
    """A WebSocket connection cannot be closed with this code."""

    code = "SOCKET_CLOSE"


class PatchError(StepError):
    """An update of state cannot be done."""

    code = "STATE_UPDATE"


class PayloadTooLargeError(StepError):
    """A payload is over max_payload_bytes."""

    code = "PAYLOAD_TOO_LARGE"


class StepNotLoadedError(StepError):
    """The step failed to load."""

    code = "STEP_NOT_LOADED"
    http_status = 503


class SidecarLostError(SidecarError):
    """The process that ran the step went away."""

    code = "SIDECAR_LOST"
    http_status = 502
    retryable = True


class NoSidecarError(SidecarError):
    """No process of the step's language is ready."""

    code = "NO_SIDECAR"
    http_status = 503
    retryable = True


class SidecarStartError(SidecarError):
    """A language process could not be started."""

    code = "SIDECAR_START"
    was_killed = False  # by somebody else: the next start may go well


class ProtocolViolationError(SidecarError):
    """A sidecar broke a rule of docs/protocol.md."""

    code = "PROTOCOL_VIOLATION"


class StoreFullError(StoreError):
    """The disk is full: nothing was written."""

    code = "STORE_FULL"


class StoreUnavailableError(StoreError):
    """The store does not answer: nothing was written."""

    code = "STORE_UNAVAILABLE"


class DatabaseError(StoreError):
    """The database of store.url cannot be used."""

    code = "DATABASE"
    retryable = False


class FencedError(StoreError):
    """This core did not renew its lease in time, and another core has taken over its work: it writes nothing more.
    Start it again."""

    code = "STORE_FENCED"
    retryable = False


class StoreTooNewError(StoreError):
    """The store was written by a newer version of motia-core."""

    code = "STORE_TOO_NEW"
    retryable = False


class DataDirError(StoreError):
    """The data directory cannot be used."""

    code = "DATA_DIR"
    retryable = False


class BackupError(StoreError):
    """A backup cannot be made or restored."""

    code = "BACKUP"
    retryable = False


class OverloadedError(LifecycleError):
    """Too many requests are waiting."""

    code = "OVERLOADED"


class DrainingError(LifecycleError):
    """The core is shutting down."""

    code = "DRAINING"


class AddressInUseError(LifecycleError):
    """The address is in use."""

    code = "ADDRESS_IN_USE"
    retryable = False
