"""Below /__motia/streams there are event streams, and what 0.x's workbench asked of streams (contract 10.3)."""

from __future__ import annotations

from motia_core.engine.catalog import Catalog
from motia_core.ingress.interface import App, Receive, Scope, Send
from motia_core.ingress.stream_events import PREFIX

OF_0X = frozenset({"all", "details", "group", "item"})


class StreamPaths:
    """ASGI 3 application that asks one of the two. A stream that has one of the names of 0.x has its event streams."""

    def __init__(self, events: App, management: App, catalog: Catalog) -> None:
        self._events = events
        self._management = management
        self._catalog = catalog

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["raw_path"].decode("latin-1")
        first = path.removeprefix(PREFIX).strip("/").partition("/")[0]
        names = {stream.name for stream in self._catalog.project.streams}
        is_of_0x = not first or (first in OF_0X and first not in names)
        await (self._management if is_of_0x else self._events)(scope, receive, send)
