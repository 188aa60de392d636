"""The public HTTP side as one ASGI application: a request in, the step's answer out.

Owns the order of things; how bodies are read, replies made and errors shown is in body, reply and problem.
"""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import orjson

from motia_core.clock import Clock
from motia_core.engine.ports import Log
from motia_core.engine.router import RouteMatch
from motia_core.engine.services import Requests
from motia_core.errors import DrainingError, MotiaError, NoSidecarError, RequestTimeoutError
from motia_core.ingress import body, websocket
from motia_core.ingress.date import DateHeader
from motia_core.ingress.finishing import Finishing
from motia_core.ingress.headers import flat, single
from motia_core.ingress.interface import CONNECTION, PARSED_BODY, App, ClientGoneError, Connection, Receive, Scope, Send
from motia_core.ingress.leaving import while_client_stays
from motia_core.ingress.limits import Limits, TimedReceive
from motia_core.ingress.multipart import BodySource, Uploads, is_multipart
from motia_core.ingress.problem import internal, no_route, problem
from motia_core.ingress.query import query_json
from motia_core.ingress.replay import TRACE
from motia_core.ingress.reply import Reply, UnusableResponseError, reply_to
from motia_core.ingress.responding import respond
from motia_core.ingress.routing import Catalog, trace_of
from motia_core.ingress.sockets import SocketsApp
from motia_core.ingress.stream_events import PREFIX
from motia_core.ingress.streaming import BrokenOffError, stream
from motia_core.ingress.streams import StreamsApp
from motia_core.model.http import HttpRequest
from motia_core.model.step import Step
from motia_core.model.trace import TraceSource
from motia_core.settings import HttpSettings

if TYPE_CHECKING:
    from motia_core.ingress.static import Static

LAST_S = 1.0  # for what is cut off to end
_NO_STATE: dict[str, object] = {}


class IngressApp:
    """ASGI 3 application.

    Args:
        catalog: Has the current router.
        requests: Runs steps.
        traces: Starts the trace of each request.
        clock: For trace ids and the Date header.
        log: Where unexpected errors go.
        uploads: Reads multipart bodies.
        sockets: Serves WebSocket connections; without it all are refused.
        streams: Serves the event streams of streams.
        http: Limits, CORS, compression and static files.
        mounts: Applications by path prefix ("/__motia"); they come before any step and see OPTIONS as well.
        fallbacks: Applications by exact path ("/emit"), for requests that no step serves.
        root: Where "/" leads when no step and no file is there; empty: nowhere.
        awaits: Why there are no steps yet; empty: there are.
    """

    def __init__(
        self,
        catalog: Catalog,
        requests: Requests,
        traces: TraceSource,
        clock: Clock,
        log: Log,
        uploads: Uploads,
        sockets: SocketsApp | None = None,
        streams: StreamsApp | None = None,
        *,
        http: HttpSettings,
        mounts: Mapping[str, App] | None = None,
        fallbacks: Mapping[str, App] | None = None,
        root: str = "",
        awaits: Callable[[], str] = str,
    ) -> None:
        """Raises:
        SettingsError: A folder or a library that the settings name does not exist.
        """
        self._catalog, self._requests, self._traces, self._clock, self._log = catalog, requests, traces, clock, log
        self._uploads, self._sockets, self._streams = uploads, sockets, streams
        self._max_body_bytes, self._etags = http.max_body_bytes, http.etags
        self._limits, self._finishing = Limits(http), Finishing(http)
        self._static = _static(http) if http.static else None
        self._mounts = ({PREFIX: streams} if streams is not None else {}) | dict(mounts or {})
        self._prefixes = tuple(self._mounts)
        self._fallbacks = dict(fallbacks or {})
        self._root = root.encode()
        self._awaits = awaits
        self._date = DateHeader(clock)
        self._running: set[asyncio.Task[object]] = set()
        self._delegated: set[asyncio.Task[object]] = set()
        self._connected: set[asyncio.Task[object]] = set()  # those of them that serve WebSocket connections
        self._is_leaving = False
        self._is_draining = False
        self._idle: asyncio.Event | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._not_http(scope, receive, send)
            return
        path = scope["raw_path"].decode("latin-1")
        if path[:1] != "/":
            path = origin_form(path)
        if path.startswith(self._prefixes) and (mounted := self._mounted(path, scope["method"])) is not None:
            await self._delegate(mounted, scope, receive, send)
            return
        connection: Connection | None = scope.get("state", _NO_STATE).get(CONNECTION)
        task = asyncio.current_task()
        assert task is not None
        self._running.add(task)
        if connection is not None:
            connection.task = task
        try:
            await self._serve(scope, path, receive, send, connection)
        except ClientGoneError:
            pass
        except BrokenOffError as error:
            self._log.record("error", f"the response to {scope['method']} {path} broke off: {error}")
            raise  # the server closes the connection: that is how the client knows
        except asyncio.CancelledError:
            if connection is None or not connection.is_gone:
                raise
            task.uncancel()
        finally:
            if connection is not None:
                connection.task = None
            self._running.discard(task)
            if self._idle is not None and not self._running:
                self._idle.set()

    def leave(self) -> None:
        """Nobody new comes any more: have those who are here go elsewhere with their next request."""
        self._is_leaving = True

    async def drain(self, grace_s: float) -> None:
        """Refuse new requests, and return when the running ones have ended; after the grace, cut them off.

        Mounted applications are served until then; what still runs in them is cut off as well.
        """
        self._is_draining = True
        self._idle = asyncio.Event()
        if self._sockets is not None:
            self._sockets.leave()
        connected = set(self._connected)
        if self._streams is not None:
            self._streams.leave()
            connected |= self._streams.tasks
        try:
            async with asyncio.timeout(grace_s):
                if self._running:
                    await self._idle.wait()
                if connected:
                    await asyncio.wait(connected)
        except TimeoutError:
            await _cut_off(self._running)
        await _cut_off(self._delegated)

    async def _serve(
        self, scope: Scope, path: str, receive: Receive, send: Send, connection: Connection | None
    ) -> None:
        method = scope["method"]
        headers = single(scope["headers"])
        has_body = b"content-length" in headers or b"transfer-encoding" in headers or scope["http_version"] > "1.1"
        unread = has_body
        if has_body and connection is None:
            receive = TimedReceive(receive, self._limits)
        if self._is_draining:
            reply = problem(DrainingError(), method=method)
        elif (connection is None or not connection.is_modest or len(headers) != len(scope["headers"])) and (
            excess := self._limits.excess(scope, headers, is_measured=connection is not None)
        ) is not None:
            reply = problem(excess, method=method)
            reply.is_closing = True
        elif method == "OPTIONS" and self._finishing.answers_options:
            reply = Reply(204, [], b"")
        else:
            match = self._catalog.router.match(method, path)
            if isinstance(match, RouteMatch):
                reply, unread = await self._run(match, scope, path, headers, has_body, receive, connection)
            elif why := self._awaits():
                reply = problem(NoSidecarError(why), method=method)
            elif path in self._fallbacks:
                await self._delegate(self._fallbacks[path], scope, receive, send)
                return
            elif self._static is not None and (found := await self._static.find(method, path)) is not None:
                await found.send(scope, receive, send, [self._date.pair(), *self._finishing.cors(headers)])
                return
            elif path == "/" and self._root and method in ("GET", "HEAD"):
                reply = Reply(307, [(b"location", self._root), (b"content-length", b"0")], b"")
            else:
                reply = no_route(match, method, path)
        reply.headers.append(self._date.pair())
        if self._finishing.is_needed:
            await self._finishing.apply(reply, method, headers)
        reply.is_closing = reply.is_closing or self._is_leaving
        if reply.chunks is not None:
            await stream(reply, reply.chunks, scope, receive, send, watches=connection is None)
            return
        if connection is not None and not reply.is_closing and connection.respond(scope, reply.head(), reply.body):
            return
        await respond(reply, scope, receive, send, unread=unread)

    async def _run(
        self,
        match: RouteMatch,
        scope: Scope,
        path: str,
        headers: dict[bytes, bytes],
        has_body: bool,
        receive: Receive,
        connection: Connection | None,
    ) -> tuple[Reply, bool]:
        """What a step answers, and whether there is a body that was not read."""
        method, step, trace_id = scope["method"], match.step, ""
        is_unread = has_body
        try:
            content, files = body.NO_BODY, None
            if (parsed := scope.get(PARSED_BODY)) is not None:
                content, is_unread = parsed, False
            elif has_body and is_multipart(headers):
                source = BodySource(receive)
                try:
                    content, files = await self._uploads.read(source, headers)
                finally:
                    is_unread = not source.is_over
            elif has_body:
                data = await body.read(receive, headers, self._max_body_bytes)
                is_unread = False
                content = body.parse(headers, data, self._max_body_bytes)
            query = scope["query_string"]
            request = HttpRequest(
                method, path, match.params, query_json(query) if query else b"", flat(headers), *content, files
            )
            trace = scope.get(TRACE) or trace_of(headers, self._traces, self._clock.now_ms())
            trace_id = trace.trace_id
            handling = self._requests.handle(step, request, trace)
            response = await (handling if connection is not None else while_client_stays(receive, handling))
            try:
                reply = reply_to(response, method, headers, etags=self._etags)
            except UnusableResponseError:
                if response.chunks is not None:
                    response.chunks.abandon()
                raise
        except ClientGoneError:
            raise
        except (Exception, asyncio.CancelledError) as error:  # the boundary of a request
            reply = self._failure(error, step, method, trace_id, connection)
            # what the client still sends of a body that nobody reads must not be taken for the next request
            reply.is_closing = reply.is_closing or is_unread
            is_unread = is_unread and not isinstance(error, RequestTimeoutError)  # nothing more comes
        if trace_id:
            reply.headers.append((b"x-trace-id", trace_id.encode("latin-1")))
        return reply, is_unread

    def _failure(
        self, error: BaseException, step: Step, method: str, trace_id: str, connection: Connection | None
    ) -> Reply:
        """The response to what went wrong; raises a cancellation again unless it was us who cut the request off."""
        if isinstance(error, MotiaError):
            return problem(error, method=method)
        if isinstance(error, UnusableResponseError):
            message = f"{step.name} returned a response that cannot be sent: {error}"
            self._log.record("error", message, step=step.name, trace_id=trace_id)
            return internal(method=method)
        if isinstance(error, Exception):
            self._unexpected(error, step.name, trace_id)
            return internal(method=method)
        task = asyncio.current_task()
        if task is None or not self._is_draining or (connection is not None and connection.is_gone):
            raise error
        task.uncancel()
        return problem(DrainingError("The core is shutting down; the request was cut off."), method=method)

    def _mounted(self, path: str, method: str) -> App | None:
        """The application below whose prefix a path is. What a plugin of motia.config has registered there comes first:
        plugins of 0.x have their routes below /__motia."""
        for prefix, app in self._mounts.items():
            if path == prefix or path.startswith(f"{prefix}/"):
                match = self._catalog.router.match(method, path)
                return None if isinstance(match, RouteMatch) and match.step.is_registered else app
        return None

    async def _delegate(self, app: App, scope: Scope, receive: Receive, send: Send) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._delegated.add(task)
        try:
            await app(scope, receive, send)
        except Exception as error:  # the boundary of a request; the server ends the response
            self._unexpected(error, scope["path"], "")
            raise
        except asyncio.CancelledError:
            if not self._is_draining:
                raise
            task.uncancel()
        finally:
            self._delegated.discard(task)

    async def _connect(self, scope: Scope, receive: Receive, send: Send) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connected.add(task)
        try:
            await (self._sockets or websocket.refuse)(scope, receive, send)
        finally:
            self._connected.discard(task)

    def _unexpected(self, error: Exception, where: str, trace_id: str) -> None:
        facts = {"message": str(error), "stack": "".join(traceback.format_exception(error))}
        fields = orjson.dumps({"error": facts})
        message = f"unexpected error while serving {where}: {type(error).__name__}: {error}"
        self._log.record("error", message, trace_id=trace_id, fields=fields)

    async def _not_http(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            path = scope.get("raw_path", b"").decode("latin-1")
            mounted = self._mounted(path, "") or self._connect
            await self._delegate(mounted, scope, receive, send)
        elif scope["type"] == "lifespan":
            while (await receive())["type"] == "lifespan.startup":
                await send({"type": "lifespan.startup.complete"})
            await send({"type": "lifespan.shutdown.complete"})


def _static(http: HttpSettings) -> Static:
    from motia_core.ingress.static import Static  # only here: what it imports takes time and memory

    return Static(http)


def origin_form(target: str) -> str:
    """The path of a target such as `http://host/path`, which clients send to proxies."""
    scheme, _, rest = target.partition("://")
    return f"/{rest.partition('/')[2]}" if rest and scheme.isalpha() else target


async def _cut_off(tasks: set[asyncio.Task[object]]) -> None:
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(list(tasks), timeout=LAST_S)
