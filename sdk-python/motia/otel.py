"""The handler's OpenTelemetry context, for users who have OpenTelemetry loaded. Costs one dict look-up otherwise."""

from __future__ import annotations

import sys

from motia._gen.motia.v1 import invoke_pb2


def enter_trace(invoke: invoke_pb2.Invoke) -> None:
    """Continue the core's trace in the current context. It ends with the attempt's task or thread."""
    if "opentelemetry.trace" not in sys.modules or not invoke.traceparent:
        return
    try:
        from opentelemetry import context, propagate
    except ImportError:  # only a part of OpenTelemetry is installed
        return
    carrier = {"traceparent": invoke.traceparent, "tracestate": invoke.tracestate, "baggage": invoke.baggage}
    context.attach(propagate.extract({name: value for name, value in carrier.items() if value}))
