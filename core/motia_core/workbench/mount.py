"""The management API as an ASGI application that costs nothing until somebody asks for it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

from motia_core.clock import Clock
from motia_core.engine.live import Live
from motia_core.engine.logs import RecordedLog
from motia_core.engine.meters import Meters
from motia_core.engine.ports import DeadLetters, Log
from motia_core.engine.records import Inspection, TraceStore
from motia_core.engine.replay import Replayer
from motia_core.engine.services import Administration
from motia_core.engine.state import State
from motia_core.engine.stats import Stats
from motia_core.engine.streams import Streams
from motia_core.engine.tracing import Tracer
from motia_core.failpoints import passing
from motia_core.model.description.info import Info
from motia_core.model.project import Project
from motia_core.model.tab import Tab
from motia_core.settings import Settings

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

OF_0X = ("/emit", "/motia/analytics/user", "/motia/analytics/status")  # not below /__motia; steps come first


@dataclass(frozen=True, slots=True)
class Management:
    """What the API shows and does."""

    settings: Settings
    admin: Administration
    dead_letters: DeadLetters
    traces: TraceStore
    inspection: Inspection
    state: State
    streams: Streams
    tracer: Tracer
    recorded_log: RecordedLog
    stats: Stats
    live: Live
    replayer: Replayer
    watchers: Callable[[str], int]  # of a stream
    meters: Callable[[], Meters]
    project: Callable[[], Project]  # the one that is served now
    info: Callable[[], Info]  # of the project as a whole
    bundle: Callable[[str], Awaitable[str]]  # a file that draws a step, as an ES module for the workbench
    tabs: Callable[[], Awaitable[list[Tab]]]  # of the project's plugins
    bundle_tab: Callable[[Tab], Awaitable[str]]  # the same as `bundle`
    clock: Clock
    log: Log


class ManagementApp:
    """ASGI 3 application for `/__motia` and the paths OF_0X."""

    def __init__(self, management: Management) -> None:
        self._management = management
        self._app: App | None = None
        self._building = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if self._app is None:
            async with self._building:
                if self._app is None:
                    # in a thread: importing Quart takes 0.2 s, in which requests for steps must go on
                    self._app = await asyncio.to_thread(self._build)
        await self._app(scope, receive, send)
        passing("http.answered")

    def _build(self) -> App:
        from motia_core.workbench.api import build_api

        return build_api(self._management)
