"""The Python SDK of motia-core. Step files need none of it; what they may import is here.

Nothing is loaded before it is asked for: `python -m motia` imports this package while the user's project is still
first on sys.path, and a file of the project must not stand in for a module of the library.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from motia._version import VERSION as __version__

if TYPE_CHECKING:
    from motia.cancellation import Signal
    from motia.context import Context, FlowContext
    from motia.define import step
    from motia.definition import StepDefinition
    from motia.errors import (
        BadResultError,
        CallError,
        ContextClosedError,
        MotiaError,
        NotSuspendableError,
        PayloadError,
        PayloadTooLargeError,
        RetryableError,
        Suspended,
        TerminalError,
        WriteInRunError,
    )
    from motia.logs import Logger
    from motia.payload import MISSING
    from motia.response import ApiResponse
    from motia.server_sent import sse
    from motia.states import State
    from motia.streams import Stream, Streams
    from motia.types import (
        ApiMiddleware,
        ApiRequest,
        ApiRouteConfig,
        CronConfig,
        Duration,
        Event,
        EventConfig,
        NoopConfig,
        StateOperation,
        StepConfig,
        StreamConfig,
    )
    from motia.upload import UploadedFile

_MODULES = {
    "Signal": "motia.cancellation",
    "Context": "motia.context",
    "FlowContext": "motia.context",
    "step": "motia.define",
    "StepDefinition": "motia.definition",
    "BadResultError": "motia.errors",
    "CallError": "motia.errors",
    "ContextClosedError": "motia.errors",
    "MotiaError": "motia.errors",
    "NotSuspendableError": "motia.errors",
    "PayloadError": "motia.errors",
    "PayloadTooLargeError": "motia.errors",
    "RetryableError": "motia.errors",
    "Suspended": "motia.errors",
    "TerminalError": "motia.errors",
    "WriteInRunError": "motia.errors",
    "Logger": "motia.logs",
    "MISSING": "motia.payload",
    "ApiResponse": "motia.response",
    "sse": "motia.server_sent",
    "State": "motia.states",
    "Stream": "motia.streams",
    "Streams": "motia.streams",
    "ApiMiddleware": "motia.types",
    "ApiRequest": "motia.types",
    "ApiRouteConfig": "motia.types",
    "CronConfig": "motia.types",
    "Duration": "motia.types",
    "Event": "motia.types",
    "EventConfig": "motia.types",
    "NoopConfig": "motia.types",
    "StateOperation": "motia.types",
    "StepConfig": "motia.types",
    "StreamConfig": "motia.types",
    "UploadedFile": "motia.upload",
}

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
    "Duration",
    "Event",
    "EventConfig",
    "FlowContext",
    "Logger",
    "MotiaError",
    "NoopConfig",
    "NotSuspendableError",
    "PayloadError",
    "PayloadTooLargeError",
    "RetryableError",
    "Signal",
    "State",
    "StateOperation",
    "StepConfig",
    "StepDefinition",
    "Stream",
    "StreamConfig",
    "Streams",
    "Suspended",
    "TerminalError",
    "UploadedFile",
    "WriteInRunError",
    "__version__",
    "sse",
    "step",
]


def __getattr__(name: str) -> object:
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(f"module 'motia' has no attribute {name!r}")
    return getattr(import_module(module), name)
