"""Serves the ingress: sockets, and uvicorn or Hypercorn inside the event loop that is already running."""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
from collections.abc import Iterable, Sized
from dataclasses import dataclass
from typing import Any, Literal, cast

import hypercorn.config
import uvicorn
from hypercorn.asyncio.tcp_server import TCPServer
from hypercorn.asyncio.worker_context import WorkerContext
from hypercorn.typing import ASGIFramework, LifespanState
from hypercorn.utils import wrap_app

from motia_core.errors import AddressInUseError, SettingsError
from motia_core.ingress.connection import MAX_HEADER_BYTES, IngressConnection
from motia_core.ingress.interface import ServedApp
from motia_core.settings import HttpSettings

BACKLOG = 2048
KEEP_ALIVE_S = 65  # longer than the 60 s of common load balancers, so that they close first
LEAVE_S = 0.5  # for clients with open connections to hear, with an answer, that they should go elsewhere
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
        SettingsError: The address is not one of this machine, or may not be used.
    """
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

    Raises:
        SettingsError: The certificate or key cannot be used.
    """
    _check_tls(settings)
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
        http=IngressConnection,
        ws="wsproto",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        log_level="critical",  # what it has to say is about hostile input; errors of the application are logged by it
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        backlog=BACKLOG,
        timeout_keep_alive=KEEP_ALIVE_S,
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


async def _serve_hypercorn(
    app: ServedApp,
    listener: Listener,
    settings: HttpSettings,
    stop: asyncio.Event,
    grace_s: float,
    ready: asyncio.Event | None,
) -> None:
    config = hypercorn.config.Config()
    config.errorlog = None
    config.accesslog = None
    config.include_server_header = False
    config.include_date_header = False
    config.keep_alive_timeout = KEEP_ALIVE_S
    config.h11_max_incomplete_size = MAX_HEADER_BYTES
    config.h2_max_header_list_size = MAX_HEADER_BYTES
    tls: dict[str, Any] = {}
    if settings.tls_cert:
        config.certfile, config.keyfile = str(settings.tls_cert), str(settings.tls_key)
        tls = {"ssl": config.create_ssl_context(), "ssl_shutdown_timeout": CLOSE_S}
    wrapped = wrap_app(cast(ASGIFramework, app), config.wsgi_max_body_size, "asgi")
    loop, context = asyncio.get_running_loop(), WorkerContext(None)
    open_connections: dict[asyncio.Task[Any], asyncio.StreamWriter] = {}

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = cast(asyncio.Task[Any], asyncio.current_task())
        open_connections[task] = writer
        try:
            await TCPServer(wrapped, loop, config, context, LifespanState(), reader, writer)
        except asyncio.CancelledError:
            pass  # cut off below; this is the task's end, and asyncio would log the cancellation as an error
        finally:
            del open_connections[task]

    # not hypercorn's serve(): at its end that waits for clients that do not answer the end of TLS, without a limit
    servers = [await asyncio.start_server(connected, sock=sock, backlog=BACKLOG, **tls) for sock in listener.sockets]
    try:
        if ready is not None:
            ready.set()
        await stop.wait()
        for server in servers:
            server.close()
        app.leave()
        await _left(open_connections)
        await app.drain(grace_s)
    finally:
        for server in servers:
            server.close()
        await context.terminated.set()  # idle connections close themselves
        await _ended(open_connections)
        for writer in open_connections.values():
            writer.transport.abort()
        await _ended(open_connections)
        for task in open_connections:
            task.cancel()
        await _ended(open_connections)


async def _left(connections: Sized) -> None:
    """Wait a little for them to close."""
    until_s = asyncio.get_running_loop().time() + LEAVE_S
    while connections and asyncio.get_running_loop().time() < until_s:  # noqa: ASYNC110  # once, at the end
        await asyncio.sleep(0.01)


async def _ended(tasks: Iterable[asyncio.Task[Any]]) -> None:
    if waiting := list(tasks):
        await asyncio.wait(waiting, timeout=CLOSE_S)


def _check_tls(settings: HttpSettings) -> None:
    if settings.tls_cert is None and settings.tls_key is None:
        return
    if settings.tls_cert is None or settings.tls_key is None:
        raise SettingsError("TLS needs both http.tls_cert and http.tls_key (PEM files).")
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(settings.tls_cert, settings.tls_key)
    except (OSError, ssl.SSLError) as error:
        files = f"{settings.tls_cert} and {settings.tls_key}"
        raise SettingsError(f"TLS cannot start with {files}: {error}. Give a PEM certificate and its key.") from error


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
