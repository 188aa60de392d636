"""Files that come with motia-core: the client of streams for pages without a bundler, and the workbench."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from motia_core.errors import RouteNotFoundError
from motia_core.ingress.finishing import Finishing
from motia_core.ingress.headers import single
from motia_core.ingress.interface import HeaderPair, Receive, Scope, Send
from motia_core.ingress.problem import problem
from motia_core.ingress.static import Static
from motia_core.ingress.streaming import start_of
from motia_core.settings import HttpSettings

CLIENT = "/__motia/client"
# The browser itself sees to it that nothing is fetched from elsewhere and nothing leaves for elsewhere. blob: is for
# node components, which the page asks for with its token and can only then import.
POLICY = (
    "default-src 'none'; script-src 'self' blob:; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
OF_WORKBENCH: Sequence[HeaderPair] = (
    (b"content-security-policy", POLICY.encode()),
    (b"referrer-policy", b"no-referrer"),
)


class BundledFiles:
    """ASGI 3 application.

    Args:
        prefix: Where they are.
        folder: With the files; when it is not there, nothing was built.
        http: CORS.
        hint: What to say of a path that is none.
        headers: Of every file.
    """

    def __init__(
        self, prefix: str, folder: Path, http: HttpSettings, hint: str, headers: Sequence[HeaderPair] = ()
    ) -> None:
        self._static = Static(replace(http, static={prefix: folder})) if folder.is_dir() else None
        self._finishing = Finishing(http)
        self._hint = hint
        self._headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path, method, headers = scope["raw_path"].decode("latin-1"), scope["method"], single(scope["headers"])
        if self._static is not None and (found := await self._static.find(method, path)) is not None:
            await found.send(scope, receive, send, [*self._headers, *self._finishing.cors(headers)])
            return
        reply = problem(RouteNotFoundError(f"There is no {path}; {self._hint}"), method=method)
        await self._finishing.apply(reply, method, headers)
        await send(start_of(reply, scope))
        await send({"type": "http.response.body", "body": reply.body, "more_body": False})
