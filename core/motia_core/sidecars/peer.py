"""What is at the other end of a session: a process that the core has started, or one that runs elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import Container, Sequence
from typing import TYPE_CHECKING, Protocol

from motia_core._gen.motia.v1 import failure_pb2, lifecycle_pb2

if TYPE_CHECKING:
    from motia_core.sidecars.session import Session

REFUSED = "it was refused"
DRAINED, LET_GO = "drained", "let go"
NO_FAILURES = (REFUSED, DRAINED, LET_GO)
GIVEN_UP = "the core has given this sidecar up, and its log says why: start another one"


class Peer(Protocol):
    """Who runs a sidecar's code."""

    @property
    def name(self) -> str:
        """For people, such as "node 1234"."""
        ...

    @property
    def pid(self) -> int:
        """On its own host."""
        ...

    @property
    def address(self) -> str:
        """HOST:PORT it has dialled from; empty: a process of ours."""
        ...

    @property
    def alive(self) -> bool:
        """Whether it has not ended, as far as we know."""
        ...

    @property
    def was_killed(self) -> bool:
        """Whether it was ended from outside, or may have been."""
        ...

    @property
    def tail(self) -> Sequence[str]:
        """What it printed last."""
        ...

    async def wait(self) -> str:
        """Wait for the end; how it ended, in words."""
        ...

    def kill(self) -> None:
        """It does not work any more: end it at once."""
        ...

    def let_go(self) -> None:
        """It is not needed any more."""
        ...

    def left(self) -> None:
        """It has been drained, and its connection has ended."""
        ...

    def lose(self, how: str) -> None:
        """Its session is over, and why."""
        ...


class RemotePeer:
    """A process that somebody else runs. It is there as long as its session is: nothing else is known of it."""

    was_killed = True  # or the network is gone: a file that it imported need not be to blame
    tail = ()  # is where it runs

    def __init__(self, hello: lifecycle_pb2.Hello, address: str, taken: Container[str] = ()) -> None:
        """Args: taken: Names of others."""
        name = f"{hello.language} {hello.pid}@{hello.name or address.rpartition(':')[0]}"
        self.name = f"{name} ({address})" if name in taken else name
        self.pid = hello.pid
        self.address = address
        self.session: Session | None = None
        self._ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    @property
    def alive(self) -> bool:
        return not self._ended.done()

    async def wait(self) -> str:
        """See `Peer.wait`."""
        return await asyncio.shield(self._ended)

    def left(self) -> None:
        """See `Peer.left`: that is the end of it."""
        self._end(DRAINED)

    def lose(self, how: str) -> None:
        """See `Peer.lose`."""
        self._hang_up(how)

    def kill(self) -> None:
        """See `Peer.kill`: it is told, and ends by itself."""
        self.refuse(GIVEN_UP, failure_pb2.PROTOCOL_ERROR_CODE_TIMEOUT)

    def refuse(self, message: str, code: failure_pb2.ProtocolErrorCode) -> None:
        """End its session, and have it say why."""
        if self.session is not None and self.alive:
            error = self.session.outbox.frame().protocol_error
            error.code, error.message = code, message
        self._hang_up("refused")

    def let_go(self) -> None:
        """See `Peer.let_go`: it may attach again."""
        self._hang_up(LET_GO)

    def _end(self, how: str) -> None:
        if not self._ended.done():
            self._ended.set_result(how)

    def _hang_up(self, how: str) -> None:
        self._end(how)
        if self.session is not None:
            self.session.outbox.end()
