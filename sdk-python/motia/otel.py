"""The users' OpenTelemetry: handlers continue the core's trace, and the spans that end in them are shown with the
core's. Nothing is loaded for it; who has not loaded OpenTelemetry pays one look into a dict for an attempt."""

from __future__ import annotations

import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from motia._gen.motia.v1 import telemetry_pb2
from motia.payload import encode
from motia.telemetry import Telemetry

if TYPE_CHECKING:
    from motia.attempt import Attempt

KEY = "motia.attempt"  # in OpenTelemetry's context: it goes wherever the user takes that, to other threads as well
MOST_OPEN = 10_000  # spans at once; of more, the oldest are not shown: they may never end
LONGEST_NAME = 200  # characters
MAX_ATTRIBUTES_BYTES = 32 * 1024


class Origin(NamedTuple):
    """In which attempt a span begins."""

    invocation_id: int
    trace_id: str
    began_ns: int  # Unix time


class Tracing:
    """What joins the traces of this process. Used by any thread."""

    def __init__(self, telemetry: Telemetry) -> None:
        self._telemetry = telemetry
        self._provider: object = None  # which one has our processor
        self._lock = threading.Lock()

    def enter(self, attempt: Attempt) -> None:
        """Continue the core's trace in the current context. It ends with the attempt's task or thread."""
        invoke = attempt.invoke
        if "opentelemetry.trace" not in sys.modules or not invoke.traceparent:
            return
        try:
            from opentelemetry import context, propagate
        except ImportError:  # only a part of OpenTelemetry is installed
            return
        if "opentelemetry.sdk.trace" in sys.modules:
            self._follow()
        carrier = {"traceparent": invoke.traceparent, "tracestate": invoke.tracestate, "baggage": invoke.baggage}
        there = propagate.extract({name: value for name, value in carrier.items() if value})
        origin = Origin(invoke.invocation_id, invoke.trace_id, time.time_ns())
        context.attach(context.set_value(KEY, origin, there))

    def _follow(self) -> None:
        """Hear of the spans of the provider that is in use."""
        from opentelemetry import trace

        provider = trace.get_tracer_provider()
        if provider is self._provider:
            return
        with self._lock:
            if provider is not self._provider and hasattr(provider, "add_span_processor"):
                provider.add_span_processor(_processor(self._telemetry))
            self._provider = provider


def _processor(telemetry: Telemetry) -> Any:
    from opentelemetry import context
    from opentelemetry.sdk.trace import SpanProcessor

    class Follower(SpanProcessor):
        """Sends the spans of attempts to the core."""

        def __init__(self) -> None:
            self._open: OrderedDict[int, Origin] = OrderedDict()  # by span id; its methods are atomic

        def on_start(self, span: Any, parent_context: Any = None) -> None:
            origin = context.get_value(KEY, parent_context)
            if not isinstance(origin, Origin):
                return
            self._open[span.get_span_context().span_id] = origin
            if len(self._open) > MOST_OPEN:
                self._open.popitem(last=False)

        def on_end(self, span: Any) -> None:
            origin = self._open.pop(span.get_span_context().span_id, None)
            if origin is None:
                return
            try:
                telemetry.add_span(_to_message(span, origin))
            except Exception as error:  # boundary: a span must never fail the handler
                print(f"motia: a span could not be recorded: {error!r}", file=sys.stderr)

    return Follower()


def _to_message(span: Any, origin: Origin) -> telemetry_pb2.Span:
    return telemetry_pb2.Span(
        invocation_id=origin.invocation_id,
        trace_id=origin.trace_id,
        span_id=f"{span.get_span_context().span_id:016x}",
        parent_span_id=f"{span.parent.span_id:016x}" if span.parent is not None else "",
        name=str(span.name)[:LONGEST_NAME],
        kind=span.kind.name.lower(),
        offset_us=max(0, span.start_time - origin.began_ns) // 1000,
        duration_us=max(0, span.end_time - span.start_time) // 1000,
        error=_error(span),
        attributes=_attributes(span.attributes),
    )


def _error(span: Any) -> str:
    if span.status.status_code.name != "ERROR":
        return ""
    return str(span.status.description or "failed")[:LONGEST_NAME]


def _attributes(attributes: Mapping[str, Any] | None) -> bytes:
    if not attributes:
        return b""
    text = encode(dict(attributes), "attributes")
    return text if len(text) <= MAX_ATTRIBUTES_BYTES else b""
