"""The metrics of a core, read when somebody asks for them."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from motia_core import __version__
from motia_core.clock import Clock
from motia_core.engine.meters import Meters
from motia_core.engine.records import Inspection
from motia_core.engine.services import Administration
from motia_core.engine.stats import BOUNDS_US, Stats
from motia_core.engine.tracing import Tracer
from motia_core.model.event import QueueCount
from motia_core.model.project import Project
from motia_core.model.step import Step


class Measured(Protocol):
    """What is read."""

    @property
    def admin(self) -> Administration: ...
    @property
    def inspection(self) -> Inspection: ...
    @property
    def tracer(self) -> Tracer: ...
    @property
    def stats(self) -> Stats: ...
    @property
    def meters(self) -> Callable[[], Meters]: ...
    @property
    def project(self) -> Callable[[], Project]: ...
    @property
    def clock(self) -> Clock: ...


async def read_metrics(measured: Measured) -> Reading:
    """One reading."""
    measured.tracer.flush()
    return Reading(measured, await measured.inspection.queues(measured.clock.now_ms()))


class Reading(Collector):
    """What was measured at one time."""

    def __init__(self, measured: Measured, counts: Iterable[QueueCount]) -> None:
        self._measured = measured
        self._counts = list(counts)

    def collect(self) -> Iterator[Metric]:
        yield from self._core()
        yield from self._steps()
        yield from self._queues()
        yield from self._sidecars()

    def _core(self) -> Iterator[Metric]:
        meters = self._measured.meters()
        info = GaugeMetricFamily("motia_core_info", "The core that answers", labels=["version"])
        info.add_metric([__version__], 1)
        yield info
        yield _gauge("motia_loop_lag_seconds", "How late the core's event loop was", meters.loop_lag_s)
        yield _gauge("motia_stream_clients", "Connections that watch streams", meters.stream_clients)
        yield _gauge("motia_websocket_connections", "WebSocket connections", meters.sockets)
        dropped = CounterMetricFamily("motia_dropped_records", "Attempts and log records that were not recorded")
        dropped.add_metric([], meters.dropped_records)
        yield dropped

    def _steps(self) -> Iterator[Metric]:
        steps = {step.id: step for step in self._measured.project().steps}
        names = ["step", "trigger", "route"]
        attempts = CounterMetricFamily("motia_attempts", "Attempts that have ended", labels=[*names, "status"])
        retries = CounterMetricFamily("motia_retries", "Attempts after the first", labels=names)
        durations = HistogramMetricFamily("motia_attempt_duration_seconds", "From start to end", labels=names)
        waits = CounterMetricFamily("motia_wait_seconds", "From emit, or due time, to start, in sum", labels=names)
        waited = CounterMetricFamily("motia_waits", "First attempts that waited", labels=names)
        names_of_responses = ["step", "method", "route", "status"]
        responses = CounterMetricFamily("motia_http_responses", "Responses of api steps", labels=names_of_responses)
        lag = GaugeMetricFamily("motia_cron_lag_seconds", "How late the latest tick was", labels=["step"])
        for (step_id, trigger), totals in self._measured.stats.totals.items():
            labels = [step_id, trigger, _route(steps.get(step_id), trigger)]
            attempts.add_metric([*labels, "completed"], totals.completed)
            attempts.add_metric([*labels, "failed"], totals.failed)
            retries.add_metric(labels, totals.retries)
            bounds = [str(bound / 1e6) for bound in BOUNDS_US] + ["+Inf"]
            buckets = list(zip(bounds, itertools.accumulate(totals.durations), strict=True))
            durations.add_metric(labels, buckets, totals.sum_us / 1e6)
            if trigger in ("event", "cron"):
                waits.add_metric(labels, totals.waited_ms / 1000)
                waited.add_metric(labels, totals.waits)
            if trigger == "cron":
                lag.add_metric([step_id], totals.latest_wait_ms / 1000)
            for status, count in totals.statuses.items():
                method, _, route = labels[2].partition(" ")
                responses.add_metric([step_id, method, route, str(status)], count)
        yield from (attempts, retries, durations, waits, waited, responses, lag)
        running = GaugeMetricFamily("motia_attempts_running", "Attempts that run", labels=["step"])
        counted = Counter(invocation.step.id for invocation in self._measured.tracer.running.values())
        for step_id in {*steps, *counted}:
            running.add_metric([step_id], counted[step_id])
        yield running

    def _queues(self) -> Iterator[Metric]:
        now_ms = self._measured.clock.now_ms()
        depth = GaugeMetricFamily("motia_queue_depth", "Deliveries in the store", labels=["step", "state"])
        oldest = GaugeMetricFamily("motia_queue_oldest_seconds", "Age of the oldest delivery", labels=["step"])
        dead = GaugeMetricFamily("motia_dead_letters", "Deliveries that were given up", labels=["step"])
        for count in self._counts:
            depth.add_metric([count.step_id, "due"], count.due)
            depth.add_metric([count.step_id, "later"], count.later)
            dead.add_metric([count.step_id], count.dead)
            oldest.add_metric([count.step_id], max(0, now_ms - count.oldest_ms) / 1000 if count.oldest_ms else 0)
        paused = GaugeMetricFamily("motia_paused", "Steps that are paused", labels=["step"])
        for step_id in self._measured.admin.paused:
            paused.add_metric([step_id], 1)
        yield from (depth, oldest, dead, paused)

    def _sidecars(self) -> Iterator[Metric]:
        labels = ["group", "pid"]
        families = {
            "memoryBytes": GaugeMetricFamily("motia_sidecar_memory_bytes", "Resident memory", labels=labels),
            "loopLagMs": GaugeMetricFamily(
                "motia_sidecar_loop_lag_milliseconds", "How late user code is", labels=labels
            ),
            "running": GaugeMetricFamily("motia_sidecar_running", "Attempts that it runs", labels=labels),
            "connected": GaugeMetricFamily("motia_sidecar_connected", "Whether it is connected", labels=labels),
        }
        restarts = CounterMetricFamily("motia_sidecar_restarts", "Processes after the first", labels=["group"])
        by_group: dict[str, int] = {}
        for sidecar in self._measured.admin.sidecars():
            group = str(sidecar["group"])
            pid = str(sidecar["name"]).partition(" ")[2]  # and the host of one elsewhere
            for name, family in families.items():
                family.add_metric([group, pid], float(str(int(sidecar[name]))))  # type: ignore[call-overload]  # a number
            by_group[group] = int(str(sidecar["restarts"]))
        for group, count in by_group.items():
            restarts.add_metric([group], count)
        yield from families.values()
        yield restarts


def _gauge(name: str, about: str, value: float) -> Metric:
    family = GaugeMetricFamily(name, about)
    family.add_metric([], value)
    return family


def _route(step: Step | None, trigger: str) -> str:
    return f"{step.method} {step.route}" if step is not None and trigger == "http" else ""
