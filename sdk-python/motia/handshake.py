"""Dials the core and says hello."""

from __future__ import annotations

import asyncio
import os
import platform
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, repeat

from motia._gen.motia.v1 import failure_pb2, lifecycle_pb2, sidecar_pb2
from motia._version import VERSION
from motia.errors import CertificateError, ConnectionLostError, ProtocolViolationError, SessionRefusedError
from motia.settings import Settings
from motia.transport import Connection
from motia.trust import mistrust
from motia.wire import pack

REVISIONS = (1, 2)
CAPABILITIES = ("streamed-responses", "uploads", "sockets", "stream-hooks", "reload", "several-steps")
HANDSHAKE_S = 10.0
FINISH_S = 2.0
RETRY_S = (0.0, 0.05, 0.1, 0.2, 0.5, 1.0)


@dataclass(frozen=True, slots=True)
class Greeting:
    """A connection on which the core has said Welcome."""

    connection: Connection
    welcome: lifecycle_pb2.Welcome
    early: Sequence[sidecar_pb2.CoreFrame]  # what came with it


class SessionForgottenError(SessionRefusedError):
    """The session was to be resumed, and the core has begun another one.

    Attributes:
        greeting: With which it did.
    """

    def __init__(self, greeting: Greeting) -> None:
        super().__init__("the core has forgotten this session; it starts a new sidecar")
        self.greeting = greeting


class Dialler:
    """Makes connections to one core."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    async def dial(self, resume_session_id: str, patience_s: float) -> Greeting:
        """Connect and shake hands, again and again until it works or `patience_s` is over.

        Raises:
            ConnectionLostError: It did not work.
            SessionRefusedError, ProtocolViolationError, CertificateError: As they say; trying again is of no use.
        """
        give_up_s = time.monotonic() + patience_s
        for pause_s in chain(RETRY_S, repeat(RETRY_S[-1])):
            await asyncio.sleep(pause_s)
            try:
                return await self.dial_once(resume_session_id)
            except ConnectionLostError:
                if time.monotonic() >= give_up_s:
                    raise
        raise AssertionError("the pauses never end")

    async def dial_once(self, resume_session_id: str = "") -> Greeting:
        """The same, once."""
        connection = Connection(self._settings)
        try:
            return await self._shake_hands(connection, resume_session_id)
        except ConnectionLostError:
            await connection.close()
            if self._settings.tls and (why := await asyncio.to_thread(mistrust, self._settings)) is not None:
                raise CertificateError(why) from None
            raise
        except BaseException:
            await connection.close()
            raise

    async def _shake_hands(self, connection: Connection, resume_session_id: str) -> Greeting:
        settings = self._settings
        hello = lifecycle_pb2.Hello(
            token=settings.token,
            revisions=REVISIONS,
            sdk_name="motia-python",
            sdk_version=VERSION,
            language=settings.language,
            language_version=platform.python_version(),
            pid=os.getpid(),
            capabilities=CAPABILITIES,
            resume_session_id=resume_session_id,
            name=settings.name,
        )
        await connection.write([pack(sidecar_pb2.SidecarFrame(hello=hello))])
        try:
            first, *early = await asyncio.wait_for(_first_frames(connection), HANDSHAKE_S)
        except asyncio.TimeoutError:
            raise ConnectionLostError(f"the core did not answer Hello within {HANDSHAKE_S:g} seconds") from None
        kind = first.WhichOneof("frame")
        if kind == "protocol_error":
            raise SessionRefusedError(first.protocol_error.message)
        if kind != "welcome":
            code = failure_pb2.PROTOCOL_ERROR_CODE_UNEXPECTED_FRAME
            await _refuse(connection, code, f"{kind} came before Welcome")
        elif first.welcome.revision not in REVISIONS:
            code = failure_pb2.PROTOCOL_ERROR_CODE_REVISION
            what = f"Welcome chose revision {first.welcome.revision}, motia {VERSION} speaks {REVISIONS}"
            await _refuse(connection, code, what)
        return Greeting(connection, first.welcome, early)


async def _first_frames(connection: Connection) -> list[sidecar_pb2.CoreFrame]:
    """The frames of the first message that has some: those without are ignored (SHAPE-2)."""
    while not (frames := (await connection.read()).frames):
        pass
    return list(frames)


async def _refuse(connection: Connection, code: int, message: str) -> None:
    await connection.write([protocol_error_frame(code, message)])
    await connection.finish(FINISH_S)
    raise ProtocolViolationError(code, message)


def protocol_error_frame(code: int, message: str) -> bytes:
    """Tell the core which rule it broke."""
    error = failure_pb2.ProtocolError(code=code, message=message)  # type: ignore[arg-type]  # an enum value is an int
    return pack(sidecar_pb2.SidecarFrame(protocol_error=error))
