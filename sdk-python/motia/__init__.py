"""The Python SDK of motia-core. Step files need none of it; what they may import is here."""

from motia._version import VERSION as __version__
from motia.cancellation import Signal
from motia.context import Context
from motia.errors import (
    BadResultError,
    CallError,
    ContextClosedError,
    MotiaError,
    PayloadError,
    PayloadTooLargeError,
    RetryableError,
    TerminalError,
)
from motia.logger import Logger
from motia.payload import MISSING
from motia.response import ApiResponse
from motia.state import State
from motia.streams import Stream, Streams
from motia.types import (
    ApiMiddleware,
    ApiRequest,
    ApiRouteConfig,
    CronConfig,
    EventConfig,
    NoopConfig,
    StepConfig,
    StreamConfig,
)

FlowContext = Context

__all__ = [
    "MISSING",
    "ApiMiddleware",
    "ApiRequest",
    "ApiResponse",
    "ApiRouteConfig",
    "BadResultError",
    "CallError",
    "Context",
    "ContextClosedError",
    "CronConfig",
    "EventConfig",
    "FlowContext",
    "Logger",
    "MotiaError",
    "NoopConfig",
    "PayloadError",
    "PayloadTooLargeError",
    "RetryableError",
    "Signal",
    "State",
    "StepConfig",
    "Stream",
    "StreamConfig",
    "Streams",
    "TerminalError",
    "__version__",
]
