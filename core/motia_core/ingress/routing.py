"""What every way in needs: the current routes, and the trace that a request begins or continues."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from motia_core.engine.router import Router
from motia_core.model.trace import TraceContext, TraceSource


class Catalog(Protocol):
    """Where the current routes are."""

    @property
    def router(self) -> Router: ...


def trace_of(headers: Mapping[bytes, bytes], traces: TraceSource, now_ms: int) -> TraceContext:
    """A new trace, or the one that the client's W3C headers continue."""
    parent = headers.get(b"traceparent")
    if parent is None:
        return traces.start(now_ms)
    state, baggage = headers.get(b"tracestate", b""), headers.get(b"baggage", b"")
    return traces.start(now_ms, *(text.decode("latin-1") for text in (parent, state, baggage)))
