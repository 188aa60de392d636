"""Serves the ingress: sockets, and uvicorn or Hypercorn inside the event loop that is already running."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Iterable, Sized
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, cast

import hypercorn.config
import uvicorn
from hypercorn.asyncio.worker_context import WorkerContext
from hypercorn.typing import ASGIFramework
from hypercorn.utils import wrap_app

from motia_core.errors import AddressInUseError, SettingsError
from motia_core.ingress.checks import check_settings
from motia_core.ingress.connection import IngressConnection
from motia_core.ingress.hypercorn_connection import Crowd
from motia_core.ingress.interface import ServedApp
from motia_core.ingress.limits import Limits
from motia_core.ingress.websocket_connection import WebSocketConnection
from motia_core.settings import HttpSettings

BACKLOG = 2048
LEAVE_S = 0.5  # for clients with open connections to hear, with an answer, that they should go elsewhere
PING_S = 20.0  # between pings on WebSocket connections; uvicorn's default as well
CLOSE_S = 1.0  # for connections to close once no request runs any more


@dataclass(frozen=True, slots=True)
class Listener:
    """Open sockets. Clients can connect from now on; they are answered once `serve` runs."""

    sockets: tuple[socket.socket, ...]
    url: str
    port: int

    def close(self) -> None:
        """Give the address back; only needed when `serve` was never called."""
        for sock in self.sockets:
            sock.close()


def listen(settings: HttpSettings) -> Listener:
    """Open the address of the settings; port 0 takes a free one.

    Raises:
        AddressInUseError: Another program has it.
        SettingsError: The address is not one of this machine, or may not be used; or a file, folder or library that the
            settings name cannot be used.
    """
    check_settings(settings)
    sockets: list[socket.socket] = []
    port = settings.port
    try:
        infos = socket.getaddrinfo(settings.host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        for family, address in dict.fromkeys((info[0], info[4]) for info in infos):
            sock = socket.socket(family, socket.SOCK_STREAM)
            sockets.append(sock)
            sock.setblocking(False)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            sock.bind((address[0], port, *address[2:]))
            sock.listen(BACKLOG)
            port = sock.getsockname()[1]  # the same for all addresses of the host
    except OSError as error:
        for sock in sockets:
            sock.close()
        raise _explained(error, settings) from error
    scheme = "https" if settings.tls_cert else "http"
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return Listener(tuple(sockets), f"{scheme}://{host}:{port}", port)


def server_kind(settings: HttpSettings) -> Literal["uvicorn", "hypercorn"]:
    """Which server `auto` means: Hypercorn for TLS and HTTP/2, uvicorn, five times as fast, for plain HTTP/1.1."""
    if settings.server != "auto":
        return settings.server
    return "hypercorn" if settings.tls_cert or settings.http2 else "uvicorn"


async def serve(
    app: ServedApp,
    listener: Listener,
    settings: HttpSettings,
    *,
    stop: asyncio.Event,
    grace_s: float,
    ready: asyncio.Event | None = None,
) -> None:
    """Serve until `stop` is set; then refuse new connections, close each of the others with its next answer, refuse new
    requests, let the running ones end within the grace, and return.

    Installs no signal handlers. `ready` is set when connections are answered.
    """
    if server_kind(settings) == "uvicorn":
        await _serve_uvicorn(app, listener, settings, stop, grace_s, ready)
    else:
        await _serve_hypercorn(app, listener, settings, stop, grace_s, ready)


async def _serve_uvicorn(
    app: ServedApp,
    listener: Listener,
    settings: HttpSettings,
    stop: asyncio.Event,
    grace_s: float,
    ready: asyncio.Event | None,
) -> None:
    config = uvicorn.Config(
        app,
        http=cast(type[asyncio.Protocol], partial(IngressConnection, Limits(settings))),
        ws=WebSocketConnection,
        ws_max_size=settings.max_message_bytes,
        lifespan="off",
        interface="asgi3",
        log_config=None,
        log_level="critical",  # what it has to say is about hostile input; errors of the application are logged by it
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        backlog=BACKLOG,
        timeout_graceful_shutdown=int(CLOSE_S),
        ssl_certfile=settings.tls_cert,
        ssl_keyfile=settings.tls_key,
    )
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    sockets = list(listener.sockets)
    # not serve(): that takes the signals, and wakes ten times a second to see whether it should stop
    await server.startup(sockets)
    try:
        if ready is not None:
            ready.set()
        await stop.wait()
        for accepting in server.servers:
            accepting.close()
        app.leave()
        await _left(server.server_state.connections)
        await app.drain(grace_s)
    finally:
        await server.shutdown(sockets)
        connections = server.server_state.connections
        for connection in list(connections):
            connection.transport.abort()  # of a client that does not take what it was sent: it would stay for ever
        await _left(connections)
        await _ended(server.server_state.tasks)


async def _serve_hypercorn(
    app: ServedApp,
    listener: Listener,
    settings: HttpSettings,
    stop: asyncio.Event,
    grace_s: float,
    ready: asyncio.Event | None,
) -> None:
    limits = Limits(settings)
    config = hypercorn.config.Config()
    config.errorlog = None
    config.accesslog = None
    config.include_server_header = False
    config.include_date_header = False
    config.keep_alive_timeout = limits.keep_alive_s
    config.h11_max_incomplete_size = limits.max_header_bytes
    config.h2_max_header_list_size = limits.max_header_bytes
    config.websocket_max_message_size = settings.max_message_bytes
    config.websocket_ping_interval = PING_S
    tls: dict[str, Any] = {}
    if settings.tls_cert:
        config.certfile, config.keyfile = str(settings.tls_cert), str(settings.tls_key)
        tls = {"ssl": config.create_ssl_context(), "ssl_shutdown_timeout": CLOSE_S}
    wrapped = wrap_app(cast(ASGIFramework, app), config.wsgi_max_body_size, "asgi")
    context = WorkerContext(None)
    crowd = Crowd(limits)

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await crowd.serve(wrapped, config, context, reader, writer)

    # not hypercorn's serve(): at its end that waits for clients that do not answer the end of TLS, without a limit
    servers = [await asyncio.start_server(connected, sock=sock, backlog=BACKLOG, **tls) for sock in listener.sockets]
    try:
        if ready is not None:
            ready.set()
        await stop.wait()
        for server in servers:
            server.close()
        app.leave()
        await _left(crowd.writers)
        await app.drain(grace_s)
    finally:
        for server in servers:
            server.close()
        await context.terminated.set()  # idle connections close themselves
        await _ended(crowd.writers)
        for writer in crowd.writers.values():
            writer.transport.abort()
        await _ended(crowd.writers)
        for task in crowd.writers:
            task.cancel()
        await _ended(crowd.writers)


async def _left(connections: Sized) -> None:
    """Wait a little for them to close."""
    until_s = asyncio.get_running_loop().time() + LEAVE_S
    while connections and asyncio.get_running_loop().time() < until_s:  # noqa: ASYNC110  # once, at the end
        await asyncio.sleep(0.01)


async def _ended(tasks: Iterable[asyncio.Task[Any]]) -> None:
    if waiting := list(tasks):
        await asyncio.wait(waiting, timeout=CLOSE_S)


def _explained(error: OSError, settings: HttpSettings) -> AddressInUseError | SettingsError:
    address = f"{settings.host}:{settings.port}"
    if error.errno == errno.EADDRINUSE:
        return AddressInUseError(
            f"{address} is in use: another program, perhaps another motia-core, listens there. "
            "Stop it, or choose another port (--port, or http.port in the settings; 0 takes a free one).",
            host=settings.host,
            port=settings.port,
        )
    if error.errno == errno.EACCES:
        return SettingsError(f"{address} may not be used by this user. Choose a port above 1023 (--port).")
    return SettingsError(f"Cannot listen on {address}: {error.strerror or error}. Check http.host and http.port.")
