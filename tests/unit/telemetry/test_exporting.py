"""Batches on their way to a collector, and how values are written for it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord as OtlpRecord
from opentelemetry.proto.logs.v1.logs_pb2 import ResourceLogs, ScopeLogs
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily

from motia_core.model.trace import LogRecord
from motia_core.telemetry import exporter
from motia_core.telemetry.attributes import any_value
from motia_core.telemetry.collectors import RefusedError, Request, UnreachableError
from motia_core.telemetry.exporter import Lane
from motia_core.telemetry.otlp_logs import log_records
from motia_core.telemetry.otlp_metrics import metrics_of
from motia_core.telemetry.otlp_traces import spans_of
from tests.fakes.values import an_attempt
from tests.integration.telemetry.stand_in import facts_of, value_of


@dataclass
class FakeCollector:
    """Implements `Collector`; answers with what it is told to."""

    answers: list[Exception | str] = field(default_factory=list)
    taken: list[int] = field(default_factory=list)  # sizes of the batches

    async def send(self, request: Request) -> str:
        answer = self.answers.pop(0) if self.answers else ""
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(request, ExportLogsServiceRequest)
        self.taken.append(len(request.resource_logs[0].scope_logs[0].log_records))
        return answer

    async def close(self) -> None:
        """Nothing is open."""


@dataclass
class FakeLog:
    """Implements `Log`."""

    messages: list[str] = field(default_factory=list)

    def record(self, level: str, message: str, **facts: Any) -> None:
        self.messages.append(f"{level}: {message}")


def make(items: Sequence[int]) -> Request:
    scoped = ScopeLogs(log_records=[OtlpRecord() for _ in items])
    return ExportLogsServiceRequest(resource_logs=[ResourceLogs(scope_logs=[scoped])])


def export(monkeypatch: pytest.MonkeyPatch, collector: FakeCollector, *batches: int, most: int = 10_000) -> list[str]:
    """Export so many items at a time, and stop; what was logged."""
    monkeypatch.setattr(exporter, "LINGER_S", 0.01)
    monkeypatch.setattr(exporter, "PAUSES_S", (0.01,))
    log = FakeLog()

    async def run() -> None:
        lane = Lane("logs", make, collector, log, most)
        for size in batches:
            lane.add(range(size))
            await asyncio.sleep(0.05)
        await lane.stop()

    asyncio.run(run())
    return log.messages


def test_what_is_there_goes_together(monkeypatch: pytest.MonkeyPatch) -> None:
    collector = FakeCollector()
    assert export(monkeypatch, collector, 3, 1_100) == []
    assert collector.taken == [3, 512, 512, 76]


def test_what_a_collector_cannot_take_now_comes_again(monkeypatch: pytest.MonkeyPatch) -> None:
    collector = FakeCollector([UnreachableError("it sleeps"), UnreachableError("it sleeps")])
    messages = export(monkeypatch, collector, 5)
    assert collector.taken == [5]
    assert messages == [
        "warn: logs cannot be exported to otlp.endpoint: it sleeps",
        "info: logs are exported again; 0 of them were left out",
    ]


def test_what_it_refuses_is_left_out_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    collector = FakeCollector([RefusedError("it answers with 400")])
    messages = export(monkeypatch, collector, 5, 2)
    assert collector.taken == [2]
    assert messages[-1] == "info: logs are exported again; 5 of them were left out"


def test_what_is_too_much_goes_oldest_first(monkeypatch: pytest.MonkeyPatch) -> None:
    collector = FakeCollector([UnreachableError("away")])
    messages = export(monkeypatch, collector, 100, most=7)
    assert collector.taken == [7]
    assert messages[-1] == "info: logs are exported again; 93 of them were left out"


def test_a_part_that_it_leaves_out_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    messages = export(monkeypatch, FakeCollector(["3 spans are too old"]), 5)
    assert messages == ["warn: logs cannot be exported to otlp.endpoint: it took a part only: 3 spans are too old"]


def test_a_collector_that_is_away_does_not_keep_the_core(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporter, "LAST_S", 0.3)
    collector = FakeCollector([UnreachableError("away")] * 1_000)
    assert export(monkeypatch, collector, 5) == ["warn: logs cannot be exported to otlp.endpoint: away"]


@pytest.mark.parametrize(
    "value", ["text", "", True, False, 7, -7, 1.5, {"a": {"b": [1, "x"]}}, [], {}, [True, [None]], None]
)
def test_values_of_json_stay_what_they_are(value: object) -> None:
    shown = value_of(any_value(value))
    assert shown == ("null" if value is None else [True, ["null"]] if value == [True, [None]] else value)


def test_integers_that_do_not_fit_are_text() -> None:
    assert value_of(any_value(2**63)) == "9223372036854775808"


def test_an_attempt_without_details_has_its_error() -> None:
    [span] = spans_of([(an_attempt(1)._replace(traceparent=f"00-{'1' * 32}-{'2' * 16}-01", parent_span="3" * 16), ())])
    assert span.name == "process work"
    assert span.parent_span_id == bytes.fromhex("3" * 16)
    assert facts_of(span.events[0].attributes) == {"exception.type": "timeout", "exception.message": "T: ü"}
    assert span.end_time_unix_nano - span.start_time_unix_nano == 250_000


def test_log_records_without_an_attempt_and_with_fields_that_are_none() -> None:
    [made] = log_records([(LogRecord(1, 2, 3, "", "", "oh", b"not json"), "")])
    assert (made.severity_text, made.trace_id, value_of(made.body)) == ("ERROR", b"", "oh")
    assert facts_of(made.attributes) == {"fields": "not json"}


def test_families_become_metrics() -> None:
    gauge = GaugeMetricFamily("lag_seconds", "How late", labels=["step"])
    gauge.add_metric(["a"], 1.5)
    counter = CounterMetricFamily("runs", "How many")
    counter.add_metric([], 3)
    histogram = HistogramMetricFamily("took_seconds", "How long", labels=["step"])
    for step in ("a", "b"):
        histogram.add_metric([step], [("0.1", 1), ("1.0", 3), ("+Inf", 4)], 5.5)
    empty = GaugeMetricFamily("nothing", "There is none", labels=["step"])
    lag, runs, took = metrics_of([gauge, counter, histogram, empty], 1, 2)
    assert (lag.name, lag.unit, lag.gauge.data_points[0].as_double) == ("lag_seconds", "s", 1.5)
    assert runs.sum.is_monotonic
    assert (runs.sum.data_points[0].as_double, runs.sum.data_points[0].start_time_unix_nano) == (3, 1)
    first, second = took.histogram.data_points
    assert list(first.bucket_counts) == [1, 2, 1]
    assert list(first.explicit_bounds) == [0.1, 1.0]
    assert (first.count, first.sum) == (4, 5.5)
    assert (facts_of(first.attributes), facts_of(second.attributes)) == ({"step": "a"}, {"step": "b"})
