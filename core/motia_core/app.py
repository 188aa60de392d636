"""What the commands do with a core: load a project, serve it until it is to end."""

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

from motia_core.clock import Clock
from motia_core.core import Between, Core
from motia_core.engine.ports import Console, Log
from motia_core.errors import FencedError
from motia_core.ingress.server import Listener, listen
from motia_core.ingress.server import serve as serve_http
from motia_core.loading import Version
from motia_core.model.project import Project
from motia_core.project.typegen import refresh_types
from motia_core.reloading import Reloader
from motia_core.settings import Settings
from motia_core.store.opening import open_store
from motia_core.web import ingress

LEAST_GRACE_S = 1.0  # for handlers that run when the requests took all the time there was
LOOSE_OBJECTS = 50_000  # made and not freed yet: then the garbage collector looks for cycles among them


@asynccontextmanager
async def built(
    settings: Settings, log: Log, *, clock: Clock | None = None, between: Between | None = None
) -> AsyncIterator[Core]:
    """A core whose store is open and whose sidecars are not started yet; everything is closed at the end.

    Args:
        clock: The time that its engine goes by; None: the machine's.
        between: See `Core`.
    """
    async with AsyncExitStack() as stack:
        runtime_dir = Path(tempfile.mkdtemp(prefix="motia-core-"))  # 0700: the sidecars' socket is in there
        stack.callback(shutil.rmtree, runtime_dir, ignore_errors=True)
        store = await open_store(settings, clock)
        stack.push_async_callback(store.close)
        core = Core(settings, store, log, runtime_dir, between)
        stack.push_async_callback(core.supervisor.abort)
        yield core


async def load_project(settings: Settings, log: Log) -> Project:
    """Load the project and stop again; for `routes` and `check`. Leaves the project's data alone."""
    with tempfile.TemporaryDirectory(prefix="motia-core-") as scratch:
        data_dir, sidecars = Path(scratch) / "data", settings.sidecars.all_launched()
        alone = replace(settings, data_dir=data_dir, sidecars=sidecars)
        async with built(alone, log) as core:
            version = await core.load()
            await core.drain(1)
            return version.project


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
            reloader = Reloader(core, console) if settings.reload else None
            http = _Http(core, listener, console, stop)
            if settings.sidecars.external:
                core.await_sidecars()
                await http.start()  # who asks is told what is missing
                console.record("info", f"{listener.url} answers 503 until the sidecars of the project have attached")
            version = await http.unless_stopped((reloader or core).load())
            if version is None:
                return 0
            project = version.project
            console.found(project)
            if not project.steps and not settings.reload:
                await http.end()
                return 1  # there is nothing to serve; what was found says why
            await core.open(project)
            server = await http.start()
            _settle()
            if not server.done():
                console.ready([listener.url], time.monotonic() - began_s)
            await asyncio.to_thread(_refresh_types, settings.project, project, console)
            reloading = asyncio.create_task(reloader.run()) if reloader is not None else None
            finish = asyncio.create_task(_finish(core, server, stop, settings.drain_grace_ms / 1000, reloading))
            fenced = asyncio.create_task(_fenced(core, abort))
            await _first(finish, abort.wait())
            fenced.cancel()
            if finish.done():
                await finish
                return 0
            finish.cancel()
            server.cancel()
            if reloading is not None:
                reloading.cancel()
            return 1
    finally:
        listener.close()


class _Http:
    """The HTTP server of a core. It may be there before the project is."""

    def __init__(self, core: Core, listener: Listener, console: Console, stop: asyncio.Event) -> None:
        self._core, self._listener, self._console, self._stop = core, listener, console, stop
        self._server: asyncio.Task[None] | None = None

    async def start(self) -> asyncio.Task[None]:
        """Answer requests from now on, or go on with that. The task ends when the core is to stop."""
        if self._server is None:
            app, ready, settings = ingress(self._core, self._console), asyncio.Event(), self._core.settings
            grace_s = settings.drain_grace_ms / 1000
            self._server = asyncio.create_task(
                serve_http(app, self._listener, settings.http, stop=self._stop, grace_s=grace_s, ready=ready)
            )
            await _first(self._server, ready.wait())
        return self._server

    async def unless_stopped(self, load: Coroutine[object, object, Version]) -> Version | None:
        """What is loaded; None: the core is to stop before it is."""
        if self._server is None:
            return await load
        loading = asyncio.create_task(load)
        await asyncio.wait({loading, self._server}, return_when=asyncio.FIRST_COMPLETED)
        if loading.done():
            return loading.result()
        loading.cancel()
        await self._server
        return None

    async def end(self) -> None:
        """Stop answering."""
        if self._server is not None:
            self._stop.set()
            await self._server


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


async def _finish(
    core: Core, server: asyncio.Task[None], stop: asyncio.Event, grace_s: float, reloading: asyncio.Task[None] | None
) -> None:
    """Wait for the order to stop, then drain: what runs may end, and requests are served until no more come."""
    await _first(server, stop.wait())
    began_s = time.monotonic()
    if reloading is not None:
        reloading.cancel()
        await asyncio.wait([reloading])
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
