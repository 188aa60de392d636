"""Where external sidecars dial over TLS: says of each that does not get in why, and passes the others on to gRPC."""

from __future__ import annotations

import asyncio
import itertools
import socket
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import cast

from motia_core.engine.ports import Log
from motia_core.engine.tasks import Tasks
from motia_core.errors import AddressInUseError
from motia_core.sidecars.handshakes import turned_away, why

HANDSHAKE_S = 10.0
AGAIN_S = 1.0  # until the next attempt to accept, when there are too many open files
REMIND_S = 60.0  # until the same is said again of the same host
MOST_TOLD = 1000  # hosts and reasons that are remembered


class TlsEnd:
    """Decrypts what sidecars say, and encrypts what the core says, before a gRPC server on a unix socket.

    gRPC could do it, and tells nobody whom it has refused and why.

    Args:
        context: Makes what is shown to, and asked of, the next who dials.
        inner: The unix socket of the gRPC server, in a folder that only this user can enter.
    """

    def __init__(self, context: Callable[[], ssl.SSLContext], inner: Path, log: Log) -> None:
        self._context = context
        self._inner = inner
        self._log = log
        self._loop = asyncio.get_running_loop()
        self._tasks = Tasks(lambda error: log.record("error", f"the connection of a sidecar failed: {error!r}"))
        self._listening: list[socket.socket] = []
        self._numbers = itertools.count(1)
        self._addresses: dict[str, str] = {}  # who dialled, by the name of the socket from which he was passed on
        self._told_s: dict[tuple[str, str], float] = {}  # by host and reason

    def listen(self, address: str) -> str:
        """Accept sidecars at HOST:PORT; the same with the port that it became.

        Raises:
            AddressInUseError: It is taken, or none of this machine.
        """
        host, _, port = address.rpartition(":")
        try:
            self._listening = _listen(host.strip("[]"), int(port))
        except OSError as error:
            raise AddressInUseError(f"sidecars cannot be served on {address}: {error}") from error
        for listening in self._listening:
            self._tasks.start(self._accept(listening))
        return f"{host}:{self._listening[0].getsockname()[1]}"

    def address_of(self, name: str) -> str:
        """HOST:PORT of whom a socket of this name was made for; "" of others."""
        return self._addresses.get(name, "")

    async def close(self) -> None:
        """Accept nobody any more. Who is connected stays that as long as the gRPC server wants."""
        await self._tasks.cancel()
        for listening in self._listening:
            listening.close()

    async def _accept(self, listening: socket.socket) -> None:
        while True:
            try:
                dialled, (host, port, *_) = await self._loop.sock_accept(listening)
            except OSError as error:
                self._log.record("error", f"no sidecar can be accepted: {error.strerror}")
                await asyncio.sleep(AGAIN_S)
            else:
                self._tasks.start(self._let_in(dialled, host, port))

    async def _let_in(self, dialled: socket.socket, host: str, port: int) -> None:
        outer, names, context = _Side(), list[str | None](), self._context()
        context.sni_callback = lambda _connection, name, _context: names.append(name)  # it has begun a handshake
        try:
            await self._loop.connect_accepted_socket(
                lambda: outer, dialled, ssl=context, ssl_handshake_timeout=HANDSHAKE_S
            )
        except OSError as error:  # as are those of ssl
            self._refused(host, port, why(error) or (turned_away(names[0]) if names else ""))
            return
        outer.on_end = lambda: None if outer.has_spoken else self._refused(host, port, turned_away(names[0]))
        try:
            outer.join(await self._pass_on(f"{host}:{port}"))
        except OSError:
            outer.close()
            raise

    async def _pass_on(self, address: str) -> _Side:
        """A connection to the gRPC server, which sees by the name of its socket whose it is."""
        name = str(self._inner.with_name(f"{next(self._numbers)}.sock"))
        from_here = socket.socket(socket.AF_UNIX)
        from_here.setblocking(False)
        from_here.bind(name)
        await self._loop.sock_connect(from_here, str(self._inner))
        Path(name).unlink()  # noqa: ASYNC240 - one system call; the connection keeps the name
        self._addresses[name] = address
        _, inner = await self._loop.create_unix_connection(_Side, sock=from_here)
        inner.on_end = lambda: self._addresses.pop(name)
        return inner

    def _refused(self, host: str, port: int, reason: str) -> None:
        """Say so; without a reason it is no refusal, as of a health check that looks whether the port is open."""
        now_s = self._loop.time()
        if not reason or now_s - self._told_s.get((host, reason), -REMIND_S) < REMIND_S:
            return
        if len(self._told_s) == MOST_TOLD:
            self._told_s.clear()
        self._told_s[host, reason] = now_s
        self._log.record("error", f"a sidecar at {host}:{port} was refused: {reason}")


class _Side(asyncio.Protocol):
    """One of two connections that are one: what arrives here leaves there, as fast as that can take it."""

    def __init__(self) -> None:
        self.on_end: Callable[[], object] = lambda: None
        self.has_spoken = False
        self._transport: asyncio.Transport | None = None  # while it is connected
        self._other: _Side | None = None
        self._early: list[bytes] = []  # what came before there was another side

    def join(self, other: _Side) -> None:
        """This is the other side from here on."""
        self._other, other._other = other, self
        other._write(b"".join(self._early))
        self._write(b"".join(other._early))
        for side in (self, other):
            side._early.clear()
            if side._transport is None:
                side.connection_lost(None)

    def close(self) -> None:
        """End this one."""
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none by inheritance

    def data_received(self, data: bytes) -> None:
        self.has_spoken = True
        if self._other is None:
            self._early.append(data)
        else:
            self._other._write(data)

    def pause_writing(self) -> None:
        if self._other is not None and self._other._transport is not None:
            self._other._transport.pause_reading()

    def resume_writing(self) -> None:
        if self._other is not None and self._other._transport is not None:
            self._other._transport.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self.on_end()
        if self._other is not None:
            self._other.close()

    def _write(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)


def _listen(host: str, port: int) -> list[socket.socket]:
    if host in ("", "::"):
        return [_prepared(socket.create_server(("", port), family=socket.AF_INET6, dualstack_ipv6=True))]
    found: list[socket.socket] = []
    try:
        for family, *_, (address, *_) in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            found.append(_prepared(socket.create_server((address, port), family=family)))
            port = found[0].getsockname()[1]
    except OSError:
        for one in found:
            one.close()
        raise
    return found


def _prepared(listening: socket.socket) -> socket.socket:
    listening.setblocking(False)
    return listening
