"""Serves a core that has not launched this process: one session after the other, for as long as the process lives."""

from __future__ import annotations

import asyncio
import re
import sys
import time
from collections.abc import Callable
from contextlib import suppress

from motia.errors import ConnectionLostError
from motia.handshake import Dialler, Greeting, SessionForgottenError
from motia.session import Session

PAUSES_S = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)  # between attempts to reach the core
REMIND_S = 60.0  # how often to say that it cannot be reached


class Attaching:
    """Attaches to the core, again and again.

    Args:
        begin: Makes the next session, which goes on with what is loaded.
    """

    def __init__(self, dialler: Dialler, address: str, begin: Callable[[], Session]) -> None:
        self._dialler = dialler
        self._address = address
        self._begin = begin
        self._session: Session | None = None
        self._is_leaving = False
        self._gone = asyncio.Event()  # without a drain
        self._loop: asyncio.AbstractEventLoop | None = None

    def leave(self) -> None:
        """The process is to end: have the core drain it; the second time: at once. From signal handlers."""
        is_again, self._is_leaving = self._is_leaving, True
        if self._loop is not None:
            with suppress(RuntimeError):  # it is leaving already
                self._loop.call_soon_threadsafe(self._leave, is_again)

    def _leave(self, is_again: bool) -> None:
        if is_again or self._session is None or not self._session.leave():
            self._gone.set()

    async def run(self) -> None:
        """Serve until the core has drained this process.

        Raises:
            SessionRefusedError, ProtocolViolationError, CertificateError: As they say; trying again is of no use.
        """
        self._loop = asyncio.get_running_loop()
        serving = self._loop.create_task(self._serve())
        leaving = self._loop.create_task(self._gone.wait())
        await asyncio.wait({serving, leaving}, return_when=asyncio.FIRST_COMPLETED)
        leaving.cancel()
        if serving.done():
            serving.result()
        serving.cancel()

    async def _serve(self) -> None:
        greeting: Greeting | None = None
        while not self._is_leaving:
            greeting = greeting or await self._dial()
            if greeting is None:
                return
            session = self._session = self._begin()
            tell(f"connected to the core at {self._address}")
            try:
                await session.run(greeting)
                return
            except SessionForgottenError as forgotten:
                greeting = forgotten.greeting
            except ConnectionLostError as error:
                if session.is_draining:
                    return
                greeting = None
                tell(f"the core is gone ({error}); attaching again")
            self._session = None
            session.abandon()

    async def _dial(self) -> Greeting | None:
        """A connection to the core; None: the process is to end."""
        told_s, attempt = float("-inf"), 0
        while not self._is_leaving:
            try:
                return await self._dialler.dial_once()
            except ConnectionLostError as error:
                if time.monotonic() - told_s > REMIND_S:
                    told_s = time.monotonic()
                    tell(f"the core at {self._address} cannot be reached ({plainly(str(error))}); trying until it can")
            await asyncio.sleep(PAUSES_S[min(attempt, len(PAUSES_S) - 1)])
            attempt += 1
        return None


def plainly(reason: str) -> str:
    """What gRPC means."""
    what = re.sub(r"^.*last error: (?:[A-Z_]+: )?", "", reason)
    if what.endswith("Socket closed"):
        return f"{what}; if it has sidecars.tls_cert, set MOTIA_SIDECAR_CA"
    return what


def tell(message: str) -> None:
    """Say what goes on to whoever runs this process."""
    print(f"motia: {message}", file=sys.stderr)
