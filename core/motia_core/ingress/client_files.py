"""The client of streams for pages without a bundler: `import { StreamClient } from '/__motia/client/index.js'`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from motia_core.errors import RouteNotFoundError
from motia_core.ingress.finishing import Finishing
from motia_core.ingress.headers import single
from motia_core.ingress.interface import Receive, Scope, Send
from motia_core.ingress.problem import problem
from motia_core.ingress.static import Static
from motia_core.ingress.streaming import start_of
from motia_core.settings import HttpSettings

PREFIX = "/__motia/client"


class ClientFiles:
    """ASGI 3 application.

    Args:
        folder: With the modules, as the Node SDK has them.
        http: CORS.
    """

    def __init__(self, folder: Path, http: HttpSettings) -> None:
        self._static = Static(replace(http, static={PREFIX: folder}))
        self._finishing = Finishing(http)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path, method, headers = scope["raw_path"].decode("latin-1"), scope["method"], single(scope["headers"])
        if (found := await self._static.find(method, path)) is not None:
            await found.send(scope, receive, send, self._finishing.cors(headers))
            return
        reply = problem(
            RouteNotFoundError(f"There is no {path}; the client's module is {PREFIX}/index.js."), method=method
        )
        await self._finishing.apply(reply, method, headers)
        await send(start_of(reply, scope))
        await send({"type": "http.response.body", "body": reply.body, "more_body": False})
