"""Exports what is recorded to a collector of OpenTelemetry: in batches, off the hot path, and never at its expense.
What cannot be delivered is tried again; what is too much is left out, oldest first, and counted."""

from __future__ import annotations

import asyncio
import os
import time
import uuid
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import Generic, TypeVar

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import InstrumentationScope
from opentelemetry.proto.logs.v1.logs_pb2 import ResourceLogs, ScopeLogs
from opentelemetry.proto.metrics.v1.metrics_pb2 import ResourceMetrics, ScopeMetrics
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans

from motia_core import __version__
from motia_core.engine.ports import Log
from motia_core.model.invocation import Invocation
from motia_core.model.recording import Details, Packed
from motia_core.model.trace import AttemptRecord, LogRecord
from motia_core.settings import OtlpSettings
from motia_core.telemetry.attributes import attributes
from motia_core.telemetry.collectors import Collector, RefusedError, Request, UnreachableError, collector
from motia_core.telemetry.metrics import Measured, read_metrics
from motia_core.telemetry.otlp_logs import log_records
from motia_core.telemetry.otlp_metrics import metrics_of
from motia_core.telemetry.otlp_traces import spans_of

T = TypeVar("T")
SCOPE = InstrumentationScope(name="motia-core", version=__version__)
BATCH = 512  # attempts, or log records, of one request
LINGER_S = 0.5  # how long they wait for company
PAUSES_S = (1.0, 2.0, 4.0, 8.0, 16.0, 30.0)  # before it is tried again
LAST_S = 5.0  # for what still waits when the core stops
MOST_CONTEXTS = 20_000  # attempts whose log records are known to be theirs


class Exporter:
    """Exports until it is stopped.

    Args:
        project: Its name.
    """

    def __init__(self, settings: OtlpSettings, project: str, measured: Measured, log: Log) -> None:
        self._settings = settings
        self._measured = measured
        self._collector = collector(settings)
        self._resource = _resource(settings, project)
        self._started_ns = time.time_ns()
        self._contexts: dict[tuple[str, str], str] = {}  # traceparents by trace id and name of step
        wanted = frozenset(settings.signals)
        most = settings.max_waiting
        self._attempts: Lane[tuple[AttemptRecord, Packed]] | None = None
        self._logs: Lane[tuple[LogRecord, str]] | None = None
        if "traces" in wanted:
            self._attempts = Lane("traces", self._of_traces, self._collector, log, most)
        if "logs" in wanted:
            self._logs = Lane("logs", self._of_logs, self._collector, log, most)
        self._metrics = asyncio.create_task(self._measure(log)) if "metrics" in wanted else None

    # --- what is to be exported

    def begun(self, invocation: Invocation) -> None:
        """An attempt begins: its log records are to be known as its own."""
        contexts = self._contexts
        contexts[invocation.trace.trace_id, invocation.step.name] = invocation.trace.traceparent
        if len(contexts) > MOST_CONTEXTS:
            del contexts[next(iter(contexts))]

    def attempts(self, attempts: Sequence[AttemptRecord], details: Details) -> None:
        """Attempts have ended."""
        if self._attempts is not None:
            kept = dict(details)
            self._attempts.add([(one, kept.get(one.id, ())) for one in attempts if _is_sampled(one.traceparent)])

    def logs(self, records: Sequence[LogRecord]) -> None:
        """Log records were made."""
        if self._logs is not None:
            self._logs.add([(one, self._contexts.get((one.trace_id, one.step), "")) for one in records])

    async def stop(self) -> None:
        """Send what still waits, if the collector takes it, and end."""
        if self._metrics is not None:
            self._metrics.cancel()
            await asyncio.wait([self._metrics])
        lanes = [lane.stop() for lane in (self._attempts, self._logs) if lane is not None]
        await asyncio.gather(*lanes)
        await self._collector.close()

    # --- how

    def _of_traces(self, attempts: Sequence[tuple[AttemptRecord, Packed]]) -> Request:
        scoped = ScopeSpans(scope=SCOPE, spans=spans_of(attempts))
        return ExportTraceServiceRequest(resource_spans=[ResourceSpans(resource=self._resource, scope_spans=[scoped])])

    def _of_logs(self, records: Sequence[tuple[LogRecord, str]]) -> Request:
        scoped = ScopeLogs(scope=SCOPE, log_records=log_records(records))
        return ExportLogsServiceRequest(resource_logs=[ResourceLogs(resource=self._resource, scope_logs=[scoped])])

    async def _measure(self, log: Log) -> None:
        """Metrics, from time to time and at the end. What could not be delivered is in the next ones as well."""
        trouble = Trouble("metrics", log)
        is_last = False
        while not is_last:
            try:
                await asyncio.sleep(self._settings.interval_ms / 1000)
            except asyncio.CancelledError:
                is_last = True
            try:
                async with asyncio.timeout(LAST_S if is_last else None):
                    trouble.over(await self._collector.send(await self._of_metrics()))
            except (UnreachableError, RefusedError, TimeoutError) as error:
                trouble.met(str(error))
            except Exception as error:  # whatever it is, the next ones may do better
                trouble.met(f"they cannot be read: {error or type(error).__name__}")

    async def _of_metrics(self) -> Request:
        reading = await read_metrics(self._measured)
        metrics = metrics_of(reading.collect(), self._started_ns, time.time_ns())
        scoped = ScopeMetrics(scope=SCOPE, metrics=metrics)
        resource = ResourceMetrics(resource=self._resource, scope_metrics=[scoped])
        return ExportMetricsServiceRequest(resource_metrics=[resource])


class Lane(Generic[T]):
    """One signal on its way.

    Args:
        name: Of the signal.
        make: A request of some items; called in a thread.
        most: Items that wait at most.
    """

    def __init__(
        self, name: str, make: Callable[[Sequence[T]], Request], collector: Collector, log: Log, most: int
    ) -> None:
        self._make = make
        self._collector = collector
        self._most = most
        self._waiting: deque[T] = deque()
        self._wake = asyncio.Event()
        self._is_stopping = asyncio.Event()
        self._trouble = Trouble(name, log)
        self._task = asyncio.create_task(self._run())

    def add(self, items: Sequence[T]) -> None:
        """Export these some time soon."""
        if not items:
            return
        self._waiting.extend(items)
        while len(self._waiting) > self._most:
            self._waiting.popleft()
            self._trouble.left_out += 1
        self._wake.set()

    async def stop(self) -> None:
        """Send what waits, if that takes LAST_S at most."""
        self._is_stopping.set()
        self._wake.set()
        _, late = await asyncio.wait([self._task], timeout=LAST_S)
        if late:
            self._task.cancel()
            self._trouble.left_out += len(self._waiting)
            self._trouble.met("the core stops")

    async def _run(self) -> None:
        while self._waiting or not self._is_stopping.is_set():
            await self._wake.wait()
            self._wake.clear()
            await self._pause(LINGER_S)
            while self._waiting:
                batch = list(islice(self._waiting, BATCH))
                for _ in batch:
                    self._waiting.popleft()
                await self._deliver(await asyncio.to_thread(self._make, batch), len(batch))

    async def _deliver(self, request: Request, count: int) -> None:
        for turn in range(2**31):
            try:
                self._trouble.over(await self._collector.send(request))
                return
            except asyncio.CancelledError:
                self._trouble.left_out += count
                raise
            except RefusedError as error:
                self._trouble.left_out += count
                self._trouble.met(str(error))
                return
            except UnreachableError as error:
                self._trouble.met(str(error))
                await self._pause(error.after_s or PAUSES_S[min(turn, len(PAUSES_S) - 1)])

    async def _pause(self, seconds: float) -> None:
        """Wait, shorter when the core stops."""
        if self._is_stopping.is_set():
            seconds = min(seconds, 0.2)
        try:
            async with asyncio.timeout(seconds):
                await self._is_stopping.wait()
                await asyncio.sleep(seconds)
        except TimeoutError:
            return


class Trouble:
    """Says once that something cannot be exported, and once that it can be again."""

    def __init__(self, name: str, log: Log) -> None:
        self._name = name
        self._log = log
        self._is_met = False
        self.left_out = 0  # since it was met

    def met(self, why: str) -> None:
        """It did not work."""
        if not self._is_met:
            self._is_met = True
            self._log.record("warn", f"{self._name} cannot be exported to otlp.endpoint: {why}")

    def over(self, left_out: str) -> None:
        """It worked, or but for what the collector has left out."""
        if left_out:
            self.met(f"it took a part only: {left_out}")
        elif self._is_met:
            self._is_met = False
            lost, self.left_out = self.left_out, 0
            self._log.record("info", f"{self._name} are exported again; {lost} of them were left out")


def _is_sampled(traceparent: str) -> bool:
    return bool(int(traceparent[-2:], 16) & 1)


def _resource(settings: OtlpSettings, project: str) -> Resource:
    facts: Mapping[str, object] = {
        "service.name": settings.service_name or project,
        "service.instance.id": str(uuid.uuid4()),
        "process.pid": os.getpid(),
        "telemetry.sdk.name": "motia-core",
        "telemetry.sdk.language": "python",
        "telemetry.sdk.version": __version__,
    }
    return Resource(attributes=attributes({**facts, **settings.resource}))
