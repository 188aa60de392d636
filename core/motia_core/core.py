"""Every object of a running core, and the order in which they start and stop."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Protocol

from motia_core.engine.administration import Admin
from motia_core.engine.catalog import Catalog
from motia_core.engine.context import Context
from motia_core.engine.controls import Controls
from motia_core.engine.delivering import Delivering
from motia_core.engine.delivery import Deliveries
from motia_core.engine.feed import StreamFeed
from motia_core.engine.groups import Groups
from motia_core.engine.invoker import Invoker
from motia_core.engine.live import Live
from motia_core.engine.logs import RecordedLog
from motia_core.engine.meters import LoopLag
from motia_core.engine.ports import Log, Sidecars
from motia_core.engine.replay import Replayer
from motia_core.engine.retention import Sweeper
from motia_core.engine.scheduler import Scheduler
from motia_core.engine.services import ContextCalls
from motia_core.engine.sockets import Sockets
from motia_core.engine.spans import RecordedSpans
from motia_core.engine.staging import Staging
from motia_core.engine.state import State
from motia_core.engine.stats import Stats
from motia_core.engine.stream_access import ProjectAccess
from motia_core.engine.stream_expiry import StreamExpiry
from motia_core.engine.streams import Streams
from motia_core.engine.ticks import Ticks
from motia_core.engine.tracing import Tracer, to_record
from motia_core.engine.validation import Validation
from motia_core.engine.waits import Waits
from motia_core.engine.watching import Watching
from motia_core.loading import Loading, Version
from motia_core.model.invocation import Invocation
from motia_core.model.project import Project
from motia_core.model.recording import Details
from motia_core.model.step import Step, StepType
from motia_core.model.trace import AttemptRecord, LogRecord, TraceSource
from motia_core.project.discover import digest
from motia_core.project.sdk_file import read_languages
from motia_core.settings import Settings
from motia_core.sidecars.app_hooks import AppHooks
from motia_core.sidecars.pool import SidecarPool
from motia_core.sidecars.supervisor import Supervisor
from motia_core.store.opening import Store

if TYPE_CHECKING:  # it costs time to import, and most do not export
    from motia_core.telemetry.exporter import Exporter


class Between(Protocol):
    """Stands between the engine and the sidecars; for tests, which look at what passes and answer themselves."""

    def sidecars(self, sidecars: Sidecars) -> Sidecars:
        """What the engine has run its attempts."""
        ...

    def calls(self, calls: ContextCalls) -> ContextCalls:
        """What the sidecars ask."""
        ...


class Core:
    """Every object of a running core.

    Args:
        between: Stands between the engine and the sidecars.

    Raises:
        SettingsError: An SDK that the settings name cannot be read.
    """

    def __init__(
        self, settings: Settings, store: Store, log: Log, runtime_dir: Path, between: Between | None = None
    ) -> None:
        clock, ids = store.clock, store.ids
        traces = TraceSource(Random(), settings.otlp.sample_percent / 100)
        is_on = settings.tracing.record != "off"
        log = self.recorded_log = RecordedLog(log, store.traces, ids, clock.now_ms, is_on=is_on)
        self.settings = settings
        self.runtime_dir = runtime_dir
        self.store = store
        self.log = log
        self.traces = traces
        self.catalog = Catalog()
        self.pool = SidecarPool(settings.sidecars.cancel_grace_ms)
        self.app_hooks = AppHooks(self.pool, log)
        self.tracer = self._watched()
        staging = Staging(store.queue, store.state, store.streams, ids, clock)
        waits = self.waits = Waits(store.queue, ids, clock, retention_ms=settings.queue.signal_retention_ms)
        lease_ms = settings.default_timeout_ms
        validation = self.validation = Validation(
            settings.validation.mode, log, responses=settings.validation.responses
        )
        sidecars = between.sidecars(self.pool) if between else self.pool
        self.invoker = Invoker(sidecars, staging, self.tracer, log, clock, ids, validation, lease_ms=lease_ms)
        self.deliveries = Deliveries(
            Delivering(
                store.queue,
                store.cluster,
                self.invoker,
                staging,
                waits,
                validation,
                traces,
                clock,
                log,
                Random(),
                settings.queue.window,
            ),
            self.catalog,
            ids,
            settings.queue,
        )
        staging.deliver = self.deliveries.deliver
        self.stream_access = ProjectAccess(self.catalog, self.invoker, self.deliveries, traces, clock, log)
        self.feed = StreamFeed(store.streams, log)
        self.stream_expiry = StreamExpiry(store.streams, settings.streams, clock, log)
        watching = staging.watching = Watching(self.deliveries, self.catalog, traces, clock)
        self.streams = streams = Streams(store.streams, self.catalog, clock, validation, self.stream_expiry, watching)
        self.state = state = State(store.state, ids, clock, log, watching, max_value_bytes=settings.max_payload_bytes)
        self.sockets = Sockets()
        groups = Groups(store.inspection, clock)
        context = Context(self.deliveries, store.queue, state, streams, self.sockets, self.catalog, log, groups)
        calls = between.calls(context) if between else context
        self.supervisor = Supervisor(settings, self.pool, calls, clock, log, self.spans.add, runtime_dir, digest)
        self.loading = Loading(settings, read_languages(settings), self.supervisor)
        ticks = Ticks(self.deliveries, store.queue, store.state, store.cluster, traces, ids, clock)
        self.scheduler = Scheduler(ticks, clock, log, enabled=settings.cron_enabled)
        self.sweeper = Sweeper(store.retention, settings.store, clock, log)
        self.admin = self._administered()
        self.replayer = Replayer(self.deliveries, self.scheduler, self.catalog, traces, clock)

    def _administered(self) -> Admin:
        """What people can do."""
        self.controls = Controls(self.store.streams, self.feed, self.log, self._paused)
        return Admin(
            self.deliveries,
            self.scheduler,
            self.store.dead_letters,
            self.catalog,
            self.traces,
            self.store.clock,
            facts=self._facts,
            controls=self.controls,
            sidecars=self.supervisor,
        )

    def _watched(self) -> Tracer:
        """What is recorded, counted and told of everything that runs."""
        self.stats, self.live, self.loop_lag = Stats(), Live(), LoopLag()
        self.exporter: Exporter | None = None  # to a collector
        clock, ids, tracing = self.store.clock, self.store.ids, self.settings.tracing
        self.spans = RecordedSpans(self.store.traces, ids, clock.now_ms, tracing)
        self.recorded_log.on_flush = self._logged
        tracer = Tracer(self.store.traces, tracing)
        tracer.on_flush, tracer.on_begin = self._recorded, self._begun
        return tracer

    def await_sidecars(self) -> None:
        """Until the sidecars have attached nobody knows what the project serves, nor who may see its streams."""
        missing = ", ".join(self.supervisor.awaited)
        why = "nothing is served until a sidecar of each language has attached"
        why += f"; missing: {missing}" if missing else ""  # before the project's files are known
        self.catalog.swap(Project(closed_streams=why, awaits=why))
        self.supervisor.on_fewer_awaited = self.await_sidecars

    async def load(self) -> Version:
        """Discover the project's files and have the sidecars load them.

        Raises:
            AddressInUseError: Sidecars cannot be served where the settings say.
        """
        found = await self.loading.find()
        await self.supervisor.start(found.groups)
        if self.supervisor.awaited:
            self.await_sidecars()
        version = await self.loading.load(found)
        self.app_hooks.is_expected = version.has_app_hook
        self.supervisor.adopt(version.prepared)
        return version

    async def open(self, project: Project) -> None:
        """Serve the project from now on."""
        await self.deliveries.load()
        await self.controls.load()
        self.catalog.swap(project)
        self.supervisor.open(project)
        await self.store.cluster.claim_homes([step.id for step in _delivered(project)])
        self.deliver(project)
        self.sweeper.start()
        self.loop_lag.start()
        self.stream_expiry.start()
        await self.feed.start()
        await self.controls.follow()

    async def swap(self, version: Version) -> None:
        """Serve another version of the project from now on. What runs ends in the version it began in."""
        await self.store.cluster.claim_homes([step.id for step in _delivered(version.project)])
        # Nothing is awaited from here on: whoever comes finds one version or the other, and never both.
        self.catalog.swap(version.project)
        self.supervisor.open(version.project, version.prepared)
        for name in self.supervisor.groups - version.manifests.keys():
            self.supervisor.close(name)
        self.app_hooks.is_expected = version.has_app_hook
        self.deliver(version.project)
        self.live.changed("project")

    def deliver(self, project: Project) -> None:
        """Deliver events to the steps of a project, and follow their schedules, from now on."""
        delivered = _delivered(project)
        self.deliveries.swap(delivered)
        self.scheduler.swap([step for step in delivered if step.type is StepType.CRON])

    def quiesce(self) -> None:
        """Start nothing new by itself: no delivery, no due time. Requests are served."""
        self.scheduler.stop()
        self.deliveries.quiesce()

    async def drain(self, grace_s: float) -> None:
        """Finish what runs, start nothing new."""
        self.quiesce()
        await self.supervisor.stop(grace_s)
        await asyncio.gather(self.deliveries.stop(grace_s), self.scheduler.finish(grace_s), self.sweeper.stop())
        await asyncio.gather(self.stream_expiry.stop(), self.controls.stop(), self.feed.stop())
        self.loop_lag.stop()
        self.tracer.flush()
        self.recorded_log.flush()
        if self.exporter is not None:
            await self.exporter.stop()

    def _paused(self, step_ids: frozenset[str]) -> None:
        self.deliveries.pause(step_ids)
        self.scheduler.pause(step_ids)

    def _begun(self, invocation: Invocation) -> None:
        if self.live.is_watched:
            self.live.attempts([to_record(invocation, None, 0)])
        if self.exporter is not None:
            self.exporter.begun(invocation)

    def _recorded(self, attempts: Sequence[AttemptRecord], details: Details) -> None:
        self.stats.count(attempts)
        self.live.attempts(attempts)
        if self.exporter is not None:
            self.exporter.attempts(attempts, details)

    def _logged(self, records: Sequence[LogRecord]) -> None:
        self.live.logs(records)
        if self.exporter is not None:
            self.exporter.logs(records)

    def _facts(self) -> dict[str, object]:
        return {"durability": self.store.durability, "sidecars": self.supervisor.describe()}


def _delivered(project: Project) -> list[Step]:
    """The steps that events and due times are stored for."""
    return [step for step in project.steps if step.type in (StepType.EVENT, StepType.CRON) and step.has_handler]
