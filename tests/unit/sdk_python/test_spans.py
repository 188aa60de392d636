"""Spans of the users' OpenTelemetry."""

from __future__ import annotations

from typing import Any

import pytest
from opentelemetry import context as otel_context
from opentelemetry.sdk.trace import TracerProvider

from motia import otel
from motia.otel import KEY, Origin


class Telemetry:
    """Keeps what it is told of."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def add_span(self, span: Any) -> None:
        self.names.append(span.name)


def test_spans_that_never_end_keep_no_others_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(otel, "MOST_OPEN", 3)
    telemetry: Any = Telemetry()
    provider = TracerProvider()
    provider.add_span_processor(otel._processor(telemetry))
    tracer = provider.get_tracer("test")
    here = otel_context.set_value(KEY, Origin(1, "T", 0))
    spans = [tracer.start_span(f"s{number}", context=here) for number in range(5)]
    for span in spans:
        span.end()
    assert telemetry.names == ["s2", "s3", "s4"]
