"""What a core answers over HTTP: the ingress, with everything that is mounted in it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path

import motia_core
from motia_core.bundled import sdk_folder
from motia_core.core import Core
from motia_core.engine.internal_streams import ViewStreams
from motia_core.engine.meters import Meters
from motia_core.engine.ports import Log
from motia_core.ingress import bundled_files as bundled
from motia_core.ingress.asgi import IngressApp
from motia_core.ingress.front import Front
from motia_core.ingress.interface import ServedApp
from motia_core.ingress.multipart import Uploads
from motia_core.ingress.places import Places
from motia_core.ingress.replay import SelfRequest
from motia_core.ingress.sockets import SocketsApp
from motia_core.ingress.stream_events import PREFIX as STREAMS
from motia_core.ingress.stream_paths import StreamPaths
from motia_core.ingress.streams import StreamsApp
from motia_core.ingress.subscriptions import StreamServices
from motia_core.model.http import WORKBENCH
from motia_core.model.loopback import is_loopback
from motia_core.model.tab import Tab
from motia_core.project.config_file import find_configs
from motia_core.project.package import project_info
from motia_core.settings import HttpSettings
from motia_core.sidecars.components import ComponentBundler
from motia_core.workbench.guard import check_stream_access
from motia_core.workbench.internal.views import internal_views
from motia_core.workbench.mount import OF_0X, Management, ManagementApp


def ingress(core: Core, log: Log) -> ServedApp:
    """The application that the HTTP server serves."""
    settings = core.settings
    places = Places(settings.http.max_sockets)
    managed = _management(core, places, lambda: len(streams.tasks), log)
    internal = _internal(core, managed, log)
    services = StreamServices(core.catalog, core.feed, core.stream_access, core.store.clock, log, internal)
    streams = StreamsApp(services, places, settings.streams, http=settings.http)
    _export(core, managed, log)
    management = ManagementApp(managed)
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
        mounts={
            bundled.CLIENT: _client(settings.http),
            WORKBENCH: _workbench(settings.http),
            STREAMS: StreamPaths(streams, management, core.catalog),
            "/__motia": management,
        },
        fallbacks=dict.fromkeys(OF_0X, management),
        root=f"{WORKBENCH}/" if is_loopback(settings.http.host) else "",
        awaits=lambda: core.catalog.project.awaits,
    )
    core.replayer.request = SelfRequest(app)
    if not core.app_hooks.is_expected and not settings.reload and not settings.sidecars.external:
        return app
    max_body_bytes = settings.http.max_body_bytes
    return Front(app, core.app_hooks, core.store.clock, log, max_body_bytes=max_body_bytes, ours=("/__motia",))


def _management(core: Core, places: Places, clients: Callable[[], int], log: Log) -> Management:
    store = core.store

    def meters() -> Meters:
        sidecars = core.supervisor.describe()
        return Meters(core.loop_lag.lag_s, sidecars, clients(), places.taken, store.traces.dropped)

    bundler = ComponentBundler(core.settings)

    async def tabs() -> list[Tab]:
        config = (await asyncio.to_thread(find_configs, core.settings.project)).get("node")
        return await bundler.tabs(config.path) if config and config.may_have_plugins else []

    return Management(
        settings=core.settings,
        admin=core.admin,
        dead_letters=store.dead_letters,
        traces=store.traces,
        inspection=store.inspection,
        state=core.state,
        streams=core.streams,
        tracer=core.tracer,
        recorded_log=core.recorded_log,
        stats=core.stats,
        live=core.live,
        replayer=core.replayer,
        watchers=core.feed.watchers,
        meters=meters,
        project=lambda: core.catalog.project,
        info=lambda: project_info(core.settings.project),
        bundle=bundler.bundle,
        tabs=tabs,
        bundle_tab=bundler.bundle_tab,
        clock=store.clock,
        log=log,
    )


def _export(core: Core, measured: Management, log: Log) -> None:
    """Export to a collector of OpenTelemetry from now on, if there is one."""
    if core.settings.otlp.endpoint:
        from motia_core.telemetry.exporter import Exporter

        core.exporter = Exporter(core.settings.otlp, project_info(core.settings.project).title, measured, log)


def _internal(core: Core, management: Management, log: Log) -> ViewStreams:
    check = partial(check_stream_access, core.settings.http)
    views = internal_views(management)
    return ViewStreams(views, lambda name: name in core.catalog.streams, check, core.live, core.store.clock, log)


def _client(http: HttpSettings) -> bundled.BundledFiles:
    folder = sdk_folder("node") / "dist" / "client"
    return bundled.BundledFiles(bundled.CLIENT, folder, http, f"the client's module is {bundled.CLIENT}/index.js.")


def _workbench(http: HttpSettings) -> bundled.BundledFiles:
    folder = Path(motia_core.__file__).parent / "workbench" / "static"
    hint = f"the workbench is at {WORKBENCH}/." if folder.is_dir() else "the workbench is not built: make setup."
    return bundled.BundledFiles(WORKBENCH, folder, http, hint, bundled.OF_WORKBENCH)
