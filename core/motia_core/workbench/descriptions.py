"""API descriptions, of the project and of the management API itself, and a page that shows them. Those of a project are
made once for each project that is loaded."""

from __future__ import annotations

import asyncio
import gzip
from functools import cache
from pathlib import Path

import orjson
from quart import Quart, Response, current_app, request

from motia_core.errors import NotAvailableError
from motia_core.model.description.asyncapi import asyncapi
from motia_core.model.description.openapi import openapi
from motia_core.model.project import Project
from motia_core.workbench.exchange import HEADERS, json_text
from motia_core.workbench.mount import Management

FOLDER = Path(__file__).parent / "docs_page"
ASSETS = {
    "page.css": (FOLDER / "page.css", "text/css"),
    "page.js": (FOLDER / "page.js", "text/javascript"),
    "swagger-ui.css": (FOLDER / "swagger-ui" / "swagger-ui.css.gz", "text/css"),
    "swagger-ui-bundle.js": (FOLDER / "swagger-ui" / "swagger-ui-bundle.js.gz", "text/javascript"),
}
# the browser itself sees to it that nothing is fetched from elsewhere and nothing leaves for elsewhere
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
PAGE_HEADERS = {**HEADERS, "content-security-policy": POLICY, "referrer-policy": "no-referrer"}
ASSET_HEADERS = {
    "cache-control": "private, max-age=3600",
    "x-content-type-options": "nosniff",
    "vary": "accept-encoding",
}


class Descriptions:
    """The endpoints `/__motia/openapi.json`, `asyncapi.json`, `management.json` and `docs`."""

    def __init__(self, management: Management) -> None:
        self._project, self._info = management.project, management.info
        self._made: tuple[Project, bytes, dict[str, object]] | None = None
        self._making = asyncio.Lock()
        self._own: bytes | None = None

    async def openapi(self) -> Response:
        """The api steps. Its server is the address that was asked."""
        document, _ = await self._documents()
        return json_text(document)

    async def asyncapi(self) -> Response:
        """The topics and streams."""
        _, document = await self._documents()
        return json_text(orjson.dumps({**document, "servers": {"core": _server()}}))

    async def management(self) -> Response:
        """This API."""
        if self._own is None:
            # in a thread, as it takes a moment
            self._own = await asyncio.to_thread(_describe_own, rules_of(current_app))
        return json_text(self._own)

    async def docs(self) -> Response:
        """The page."""
        page = await asyncio.to_thread((FOLDER / "page.html").read_bytes)
        return Response(page, 200, PAGE_HEADERS, content_type="text/html; charset=utf-8")

    async def asset(self, name: str) -> Response:
        """What the page loads."""
        if name not in ASSETS:
            raise NotAvailableError(f"There is no {name!r}; there are {', '.join(ASSETS)}.")
        path, kind = ASSETS[name]
        content = await asyncio.to_thread(_read, path)
        headers = dict(ASSET_HEADERS)
        if path.suffix == ".gz":
            if "gzip" in request.headers.get("accept-encoding", ""):
                headers["content-encoding"] = "gzip"
            else:
                content = await asyncio.to_thread(gzip.decompress, content)
        return Response(content, 200, headers, content_type=f"{kind}; charset=utf-8")

    async def _documents(self) -> tuple[bytes, dict[str, object]]:
        async with self._making:
            project = self._project()
            if self._made is None or self._made[0] is not project:
                # in a thread: a large project takes a moment, in which requests for steps must go on
                self._made = await asyncio.to_thread(self._make, project)
            return self._made[1:]

    def _make(self, project: Project) -> tuple[Project, bytes, dict[str, object]]:
        info = self._info()
        return project, orjson.dumps(openapi(project, info)), asyncapi(project, info)


@cache
def _read(path: Path) -> bytes:
    return path.read_bytes()


def rules_of(app: Quart) -> list[tuple[str, str]]:
    """Method and path of every route."""
    rules = [(method, rule.rule) for rule in app.url_map.iter_rules() for method in rule.methods or ()]
    return [(method, path) for method, path in rules if method != "HEAD"]  # it is answered as GET is


def _describe_own(rules: list[tuple[str, str]]) -> bytes:
    from motia_core.workbench.described.document import document  # only now: few ask for it

    return orjson.dumps(document(rules))


def _server() -> dict[str, object]:
    """Where events are taken from outside: here."""
    return {"host": request.host, "protocol": request.scheme, "pathname": "/__motia/emit"}
