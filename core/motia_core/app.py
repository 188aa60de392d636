"""The composition root: builds every object, and knows the order in which they start and stop."""

from __future__ import annotations

import asyncio
import gc
import shutil
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from random import Random

from motia_core.engine.administration import Admin
from motia_core.engine.catalog import Catalog
from motia_core.engine.context import Context
from motia_core.engine.delivering import Delivering
from motia_core.engine.delivery import Deliveries
from motia_core.engine.feed import StreamFeed
from motia_core.engine.invoker import Invoker
from motia_core.engine.ports import Console, Log
from motia_core.engine.retention import Sweeper
from motia_core.engine.scheduler import Scheduler
from motia_core.engine.sockets import Sockets
from motia_core.engine.staging import Staging
from motia_core.engine.state import State
from motia_core.engine.stream_access import ProjectAccess
from motia_core.engine.stream_expiry import StreamExpiry
from motia_core.engine.streams import Streams
from motia_core.engine.ticks import Ticks
from motia_core.engine.tracing import Tracer
from motia_core.engine.validation import Validation
from motia_core.engine.waits import Waits
from motia_core.errors import FencedError
from motia_core.ingress import client_files
from motia_core.ingress.asgi import IngressApp
from motia_core.ingress.front import Front
from motia_core.ingress.interface import ServedApp
from motia_core.ingress.multipart import Uploads
from motia_core.ingress.places import Places
from motia_core.ingress.server import listen
from motia_core.ingress.server import serve as serve_http
from motia_core.ingress.sockets import SocketsApp
from motia_core.ingress.streams import StreamsApp
from motia_core.ingress.subscriptions import StreamServices
from motia_core.model.guards import guarded
from motia_core.model.project import Manifest, Project
from motia_core.model.queue_config import queue_defaults
from motia_core.model.rules import check_project
from motia_core.model.step import StepType
from motia_core.model.stream_guard import with_stream_auth
from motia_core.model.trace import TraceSource
from motia_core.project.config_file import find_configs
from motia_core.project.discover import digest, discover
from motia_core.project.env import sidecar_environment
from motia_core.project.package import project_info
from motia_core.project.remedies import with_remedies
from motia_core.project.typegen import refresh_types
from motia_core.settings import HttpSettings, Settings
from motia_core.sidecars.app_hooks import GROUP, AppHooks
from motia_core.sidecars.languages import sdk_folder
from motia_core.sidecars.pool import SidecarPool
from motia_core.sidecars.supervisor import Supervisor
from motia_core.store.opening import Store, open_store
from motia_core.workbench.mount import Management, ManagementApp

LEAST_GRACE_S = 1.0  # for handlers that run when the requests took all the time there was
LOOSE_OBJECTS = 50_000  # made and not freed yet: then the garbage collector looks for cycles among them


class Core:
    """Every object of a running core."""

    def __init__(self, settings: Settings, store: Store, log: Log, runtime_dir: Path) -> None:
        clock, ids = store.clock, store.ids
        traces = TraceSource(Random())
        self.settings = settings
        self.runtime_dir = runtime_dir
        self.store = store
        self.log = log
        self.traces = traces
        self.catalog = Catalog()
        self.pool = SidecarPool(settings.sidecars.cancel_grace_ms)
        self.app_hooks = AppHooks(self.pool, log)
        self.tracer = Tracer(store.traces)
        staging = Staging(store.queue, store.state, store.streams, ids, clock)
        waits = Waits(store.queue, ids, clock, retention_ms=settings.queue.signal_retention_ms)
        lease_ms = settings.default_timeout_ms
        validation = Validation(settings.validation.mode, log, responses=settings.validation.responses)
        self.invoker = Invoker(self.pool, staging, self.tracer, log, clock, ids, validation, lease_ms=lease_ms)
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
        streams = Streams(store.streams, self.catalog, clock, validation, self.stream_expiry)
        state = State(store.state, ids, clock, log, max_value_bytes=settings.max_payload_bytes)
        self.sockets = Sockets()
        context = Context(self.deliveries, store.queue, state, streams, self.sockets, self.catalog, log)
        self.supervisor = Supervisor(settings, self.pool, context, clock, log, runtime_dir)
        ticks = Ticks(self.deliveries, store.queue, store.state, store.cluster, traces, ids, clock)
        self.scheduler = Scheduler(ticks, clock, log, enabled=settings.cron_enabled)
        self.sweeper = Sweeper(store.retention, settings.store, clock, log)
        self.admin = Admin(
            self.deliveries, self.scheduler, store.dead_letters, self.catalog, traces, clock, facts=self._facts
        )

    async def load(self) -> Project:
        """Discover the project's files and have the sidecars load them.

        Raises:
            AddressInUseError: Sidecars cannot be served where the settings say.
        """
        settings = self.settings
        discovery = await asyncio.to_thread(discover, settings.project)
        await self.supervisor.start()
        configs = await asyncio.to_thread(find_configs, settings.project)
        groups = {file.group for file in discovery.files if file.group}
        if groups and GROUP in configs and configs[GROUP].may_have_hook:
            groups.add(GROUP)
        env = sidecar_environment(settings.project)
        loads = {}
        for name in sorted(groups):
            files = [file for file in discovery.files if file.group == name]
            config_file = configs[name].path if name in configs else ""
            known_as = digest(settings.project, files, *filter(None, [config_file]))
            loads[name] = self.supervisor.load(name, files, known_as, env, config_file)
        manifests: list[Manifest] = await asyncio.gather(*loads.values())
        self.app_hooks.is_expected = any(manifest.app_hook for manifest in manifests)
        by_group = dict(zip(loads, manifests, strict=True))
        project = check_project(discovery, by_group, queue_defaults(settings.queue))
        guards = {name: configs[name].path for name in loads if name in configs and configs[name].may_have_middleware}
        project = guarded(project, by_group, guards)
        auths = {name: configs[name].path for name in loads if name in configs and configs[name].may_have_stream_auth}
        project = with_stream_auth(project, by_group, auths)
        return with_remedies(settings.project, project)

    async def open(self, project: Project) -> None:
        """Serve the project from now on."""
        await self.deliveries.load()
        delivered = [
            step for step in project.steps if step.type in (StepType.EVENT, StepType.CRON) and step.has_handler
        ]
        self.catalog.swap(project)
        self.supervisor.open(project)
        await self.store.cluster.claim_homes([step.id for step in delivered])
        self.deliveries.swap(delivered)
        self.scheduler.swap([step for step in delivered if step.type is StepType.CRON])
        self.sweeper.start()
        self.stream_expiry.start()
        await self.feed.start()

    def quiesce(self) -> None:
        """Start nothing new by itself: no delivery, no due time. Requests are served."""
        self.scheduler.stop()
        self.deliveries.quiesce()

    async def drain(self, grace_s: float) -> None:
        """Finish what runs, start nothing new."""
        self.quiesce()
        await self.supervisor.stop(grace_s)
        await asyncio.gather(self.deliveries.stop(grace_s), self.scheduler.finish(grace_s), self.sweeper.stop())
        await asyncio.gather(self.stream_expiry.stop(), self.feed.stop())
        self.tracer.flush()

    def _facts(self) -> dict[str, object]:
        return {"durability": self.store.durability, "sidecars": self.supervisor.describe()}


@asynccontextmanager
async def built(settings: Settings, log: Log) -> AsyncIterator[Core]:
    """A core whose store is open and whose sidecars are not started yet; everything is closed at the end."""
    async with AsyncExitStack() as stack:
        runtime_dir = Path(tempfile.mkdtemp(prefix="motia-core-"))  # 0700: the sidecars' socket is in there
        stack.callback(shutil.rmtree, runtime_dir, ignore_errors=True)
        store = await open_store(settings)
        stack.push_async_callback(store.close)
        core = Core(settings, store, log, runtime_dir)
        stack.push_async_callback(core.supervisor.abort)
        yield core


async def load_project(settings: Settings, log: Log) -> Project:
    """Load the project and stop again; for `routes` and `check`. Leaves the project's data alone."""
    with tempfile.TemporaryDirectory(prefix="motia-core-") as scratch:
        async with built(replace(settings, data_dir=Path(scratch) / "data"), log) as core:
            project = await core.load()
            await core.drain(1)
            return project


async def serve(settings: Settings, console: Console) -> int:
    """Serve the project until SIGTERM or SIGINT; a second signal ends everything at once. The exit code.

    Raises:
        AddressInUseError, DataDirError, StoreTooNewError, SettingsError: It cannot start; nothing was changed.
    """
    began_s = time.monotonic()
    stop, abort = _signals(console)
    listener = listen(settings.http)
    try:
        async with built(settings, console) as core:
            project = await core.load()
            console.found(project)
            if not project.steps:
                return 1  # there is nothing to serve; what was found says why
            await core.open(project)
            app = _ingress(core, console)
            ready = asyncio.Event()
            server = asyncio.create_task(
                serve_http(app, listener, settings.http, stop=stop, grace_s=settings.drain_grace_ms / 1000, ready=ready)
            )
            await _first(server, ready.wait())
            _settle()
            if not server.done():
                console.ready([listener.url], time.monotonic() - began_s)
            await asyncio.to_thread(_refresh_types, settings.project, project, console)
            finish = asyncio.create_task(_finish(core, server, stop, settings.drain_grace_ms / 1000))
            fenced = asyncio.create_task(_fenced(core, abort))
            await _first(finish, abort.wait())
            fenced.cancel()
            if finish.done():
                await finish
                return 0
            finish.cancel()
            server.cancel()
            return 1
    finally:
        listener.close()


def _refresh_types(root: Path, project: Project, log: Log) -> None:
    """Keep generated types in step with the project."""
    try:
        for path in refresh_types(root, project):
            log.record("info", f"{path}: written, as the steps have changed")
    except OSError as error:
        log.record("warn", f"{error.filename or root} is not up to date and cannot be written: {error.strerror}")


def _settle() -> None:
    """What is there now stays: the garbage collector need not look at it again. What comes later is nearly always gone
    without it, after a request or an event: it looks seldom, and has little to look at when it does."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(LOOSE_OBJECTS, 20, 20)


async def _finish(core: Core, server: asyncio.Task[None], stop: asyncio.Event, grace_s: float) -> None:
    """Wait for the order to stop, then drain: what runs may end, and requests are served until no more come."""
    await _first(server, stop.wait())
    began_s = time.monotonic()
    core.quiesce()
    try:
        await server
    finally:
        await core.drain(max(LEAST_GRACE_S, began_s + grace_s - time.monotonic()))


async def _fenced(core: Core, abort: asyncio.Event) -> None:
    """End at once when the work of this core has passed to others: it can store nothing more."""
    await core.store.fenced.wait()
    core.log.record("error", FencedError().message)
    abort.set()


async def _first(task: asyncio.Task[None], event: Coroutine[object, object, object]) -> None:
    """Wait for a task or an event, whichever comes first."""
    waiting = asyncio.ensure_future(event)
    try:
        await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiting.cancel()


def _ingress(core: Core, log: Log) -> ServedApp:
    settings = core.settings
    management = ManagementApp(
        Management(
            settings,
            core.admin,
            core.store.dead_letters,
            core.store.traces,
            lambda: core.catalog.project,
            lambda: project_info(settings.project),
            log,
        )
    )
    places = Places(settings.http.max_sockets)
    services = StreamServices(core.catalog, core.feed, core.stream_access, core.store.clock, log)
    streams = StreamsApp(services, places, settings.streams, http=settings.http)
    app = IngressApp(
        core.catalog,
        core.invoker,
        core.traces,
        core.store.clock,
        log,
        Uploads(
            core.runtime_dir / "uploads",
            max_bytes=settings.http.max_upload_bytes,
            max_field_bytes=settings.http.max_body_bytes,
            memory_bytes=settings.http.upload_memory_bytes,
        ),
        SocketsApp(
            core.catalog,
            core.invoker,
            core.traces,
            core.store.clock,
            core.sockets,
            log,
            places,
            max_message_bytes=settings.http.max_message_bytes,
            otherwise=streams,
        ),
        streams,
        http=settings.http,
        mounts={client_files.PREFIX: _client_files(settings.http), "/__motia": management},
        fallbacks={"/emit": management},
    )
    if not core.app_hooks.is_expected:
        return app
    max_body_bytes = settings.http.max_body_bytes
    return Front(app, core.app_hooks, core.store.clock, log, max_body_bytes=max_body_bytes, ours=("/__motia",))


def _client_files(http: HttpSettings) -> client_files.ClientFiles:
    return client_files.ClientFiles(sdk_folder("node", "sdk-node") / "dist" / "client", http)


def _signals(console: Console) -> tuple[asyncio.Event, asyncio.Event]:
    """Events for the first and the second SIGTERM or SIGINT."""
    stop, abort = asyncio.Event(), asyncio.Event()

    def received(number: signal.Signals) -> None:
        console.stopping(number.name, again=stop.is_set())
        (abort if stop.is_set() else stop).set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, received, number)
    return stop, abort
