"""Has the Express app of motia.config's `app` hook see each request before the steps do.

Only there for projects with such a hook, or where one may be written. What the app does not answer goes on to the
ingress, changed as the app changed it, and the response gets the headers that the app has set.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import traceback
from collections.abc import Container
from typing import Protocol

import h11
import orjson

from motia_core.clock import Clock
from motia_core.engine.ports import Log
from motia_core.errors import BodyInvalidError, DrainingError, MotiaError, SidecarLostError
from motia_core.ingress.asgi import origin_form
from motia_core.ingress.date import DateHeader
from motia_core.ingress.exchange import EAGER_BYTES, LINGER_S, Exchange
from motia_core.ingress.going_on import changed_scope, with_headers
from motia_core.ingress.interface import (
    CONNECTION,
    ClientGoneError,
    Connection,
    HeaderPair,
    Receive,
    Scope,
    Send,
    ServedApp,
)
from motia_core.ingress.problem import internal, problem
from motia_core.ingress.tap import Tap
from motia_core.ingress.upstream import Link, Links, UpstreamLostError, request_headers

_UNSENDABLE = re.compile(rb"[^!-~]")  # in the target of a request


class Hooks(Protocol):
    """Where the app is. Implemented by `sidecars.app_hooks`."""

    @property
    def is_expected(self) -> bool:
        """Whether there is an app; not, until somebody writes one."""
        ...

    async def address(self, refused: Container[str] = ()) -> str:
        """Where to ask now; `refused`: addresses where nobody answers.

        Raises:
            NoSidecarError, DrainingError: There is none.
        """
        ...


class Front:
    """ASGI 3 application around the ingress.

    Args:
        app: The ingress.
        hooks: Where the Express app is.
        max_body_bytes: How much of a body the steps take.
        ours: Path prefixes that the app never sees.
    """

    def __init__(
        self, app: ServedApp, hooks: Hooks, clock: Clock, log: Log, *, max_body_bytes: int, ours: tuple[str, ...]
    ) -> None:
        self._app, self._hooks, self._log = app, hooks, log
        self._max_body_bytes = max_body_bytes
        self._ours = ours
        self._date = DateHeader(clock)
        self._links = Links()
        self._secret = secrets.token_hex(16)
        self._running: set[asyncio.Task[object]] = set()
        self._is_leaving = self._is_draining = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or self._is_draining or not self._hooks.is_expected or self._is_ours(scope):
            await self._app(scope, receive, send)
            return
        connection: Connection | None = scope.get("state", {}).get(CONNECTION)
        task = asyncio.current_task()
        assert task is not None
        self._running.add(task)
        if connection is not None:
            connection.task = task
        try:
            passed = await self._ask(scope, receive, send, watches=connection is None)
        except asyncio.CancelledError:
            if connection is None or not connection.is_gone:
                raise
            task.uncancel()
            return
        finally:
            self._running.discard(task)
            if connection is not None:
                connection.task = None
        if passed is not None:
            await self._app(*passed)

    def leave(self) -> None:
        """See `ServedApp`."""
        self._is_leaving = True
        self._app.leave()

    async def drain(self, grace_s: float) -> None:
        """See `ServedApp`."""
        self._is_draining = True
        await asyncio.gather(self._app.drain(grace_s), self._drain(grace_s))
        self._links.close()

    async def _drain(self, grace_s: float) -> None:
        if self._running:
            _, late = await asyncio.wait(list(self._running), timeout=grace_s)
            for task in late & self._running:  # what the app has passed on is cut off by the ingress
                task.cancel()

    def _is_ours(self, scope: Scope) -> bool:
        path = scope["raw_path"].decode("latin-1")
        if path[:1] != "/":
            path = origin_form(path)
        return any(path == prefix or path.startswith(f"{prefix}/") for prefix in self._ours)

    async def _ask(
        self, scope: Scope, receive: Receive, send: Send, *, watches: bool
    ) -> tuple[Scope, Receive, Send] | None:
        """Have the app answer; what to serve when it has passed the request on."""
        tap = Tap(receive, self._max_body_bytes)
        link: Link | None = None
        exchange: Exchange | None = None
        try:
            request, body = await self._request(scope, tap)
            link = await self._connect()
            exchange = Exchange(link, tap, self._secret, watches=watches)
            head = await exchange.ask(request, body=body)
            if exchange.passes(head):
                passed = await exchange.passed(head)
                return changed_scope(scope, passed, tap), tap.replay, with_headers(send, passed.headers)
            is_closing = self._is_leaving and scope["http_version"].startswith("1")
            await exchange.forward(head, send, is_closing=is_closing, date=self._date.pair())
        except ClientGoneError:
            pass
        except (Exception, asyncio.CancelledError) as error:  # the boundary of a request
            if exchange is not None:
                await exchange.stop()
            await self._fail(error, scope, send, tap, is_started=exchange is not None and exchange.is_started)
        finally:
            if exchange is not None:
                await exchange.stop()
            if link is not None:
                self._links.give_back(link)
        return None

    async def _request(self, scope: Scope, tap: Tap) -> tuple[h11.Request, bytes | None]:
        """The request for the app, and its body; None: sent when the app reads it."""
        raw: list[HeaderPair] = scope["headers"]
        names = {name for name, _ in raw}
        length = next((int(value) for name, value in raw if name == b"content-length"), None)
        if b"transfer-encoding" in names and length is not None:
            raise BodyInvalidError("The request has both Content-Length and Transfer-Encoding.")
        is_chunked = b"transfer-encoding" in names or (scope["http_version"] > "1.1" and scope["method"] in _WITH_BODY)
        headers = request_headers(raw)
        headers.append((b"motia-front", self._facts(scope)))
        body: bytes | None = b""
        if length is not None and length <= EAGER_BYTES:
            body = await tap.whole()
            headers.append((b"content-length", b"%d" % len(body)))
        elif length is not None or is_chunked:
            body = None
            framing = (b"content-length", b"%d" % length) if length is not None else (b"transfer-encoding", b"chunked")
            headers += [framing, (b"expect", b"100-continue")]
        elif not tap.is_ended:
            await tap.whole()
        try:
            return h11.Request(method=scope["method"], target=_target(scope), headers=headers), body
        except h11.LocalProtocolError as error:
            raise BodyInvalidError(f"The request cannot be passed on to the app of motia.config: {error}.") from error

    def _facts(self, scope: Scope) -> bytes:
        """What the app cannot see on its connection."""
        facts = {"secret": self._secret, "scheme": scope["scheme"]}
        if client := scope.get("client"):
            facts["client"] = client[:2]
        return orjson.dumps(facts)

    async def _connect(self) -> Link:
        refused: set[str] = set()
        while True:
            address = await self._hooks.address(refused)
            try:
                return await self._links.take(address)
            except OSError:
                refused.add(address)  # its sidecar has just ended

    async def _fail(self, error: BaseException, scope: Scope, send: Send, tap: Tap, *, is_started: bool) -> None:
        """Answer for the app. A response that has begun is left incomplete, which makes the server hang up."""
        task = asyncio.current_task()
        if isinstance(error, asyncio.CancelledError):
            if task is None or not self._is_draining:
                raise error
            task.uncancel()
            error = DrainingError("The core is shutting down; the request was cut off.")
        if isinstance(error, UpstreamLostError):
            error = SidecarLostError("The process that runs the app of motia.config went away.")
        if is_started:
            self._log.record("error", f"{scope['path']}: the response was cut off: {error}")
            return
        method = scope["method"]
        if isinstance(error, MotiaError):
            reply = problem(error, method=method)
        else:
            stack = "".join(traceback.format_exception(error))
            fields = orjson.dumps({"error": {"message": str(error), "stack": stack}})
            self._log.record("error", f"unexpected error while serving {scope['path']}: {error!r}", fields=fields)
            reply = internal(method=method)
        headers = [*reply.pairs(), self._date.pair()]
        if (not tap.is_ended or reply.is_closing or self._is_leaving) and scope["http_version"].startswith("1"):
            headers.append((b"connection", b"close"))
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        await send({"type": "http.response.body", "body": reply.body, "more_body": not tap.is_ended})
        if not tap.is_ended:
            # a client that is still sending would get a reset instead of the response if the connection closed now
            await tap.rest(LINGER_S)
            await send({"type": "http.response.body", "body": b"", "more_body": False})


_WITH_BODY = frozenset(("POST", "PUT", "PATCH", "DELETE"))  # without a length, in HTTP/2: perhaps


def _target(scope: Scope) -> bytes:
    path: bytes = scope["raw_path"]
    if path[:1] != b"/":
        path = origin_form(path.decode("latin-1")).encode("latin-1")
    target = path + (b"?" + scope["query_string"] if scope["query_string"] else b"")
    return _UNSENDABLE.sub(lambda match: b"%%%02X" % match[0][0], target)
