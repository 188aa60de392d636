"""Lets sidecars in: those that were launched by the token they were given, others as `Attached` says."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Protocol

from motia_core._gen.motia.v1 import failure_pb2, lifecycle_pb2
from motia_core.clock import Clock
from motia_core.engine.ports import Log
from motia_core.engine.services import ContextCalls
from motia_core.errors import ProtocolViolationError
from motia_core.settings import Settings
from motia_core.sidecars.capabilities import CAPABILITIES
from motia_core.sidecars.peer import REFUSED
from motia_core.sidecars.pool import SidecarPool
from motia_core.sidecars.roster import Roster
from motia_core.sidecars.service import new_session_id
from motia_core.sidecars.session import Session
from motia_core.sidecars.sidecar import Sidecar


class Attaching(Protocol):
    """Who lets in sidecars that nobody here has launched. Implemented by `attached.Attached`."""

    def admit(self, hello: lifecycle_pb2.Hello, address: str, revision: int) -> Sidecar:
        """One that is new, or comes back.

        Raises:
            ProtocolViolationError: It may not come in; says why.
        """
        ...


class Arrivals:
    """Implements `Door` for the service."""

    def __init__(
        self,
        settings: Settings,
        roster: Roster,
        attached: Attaching,
        pool: SidecarPool,
        calls: ContextCalls,
        clock: Clock,
        log: Log,
    ) -> None:
        self._settings = settings
        self._roster = roster
        self._attached = attached
        self._pool = pool
        self._calls = calls
        self._clock = clock
        self._log = log
        self._loop = asyncio.get_running_loop()
        self.step_names: Mapping[str, str] = {}  # by reference

    def admit(self, hello: lifecycle_pb2.Hello, address: str, revision: int) -> tuple[Session, bool]:
        """See `service.Door.admit`."""
        sidecar = self._roster.by_token.get(hello.token)
        if sidecar is None:
            sidecar = self._attached.admit(hello, address, revision)
        if hello.language != sidecar.group:
            raise refused(f"a sidecar for {sidecar.group} was launched, this one says it is for {hello.language}")
        if sidecar.session is None:
            return self._welcome(sidecar, hello), False
        if hello.resume_session_id != sidecar.session.id:
            raise refused("the token was used before")
        return self._resume(sidecar, sidecar.session), True

    def _welcome(self, sidecar: Sidecar, hello: lifecycle_pb2.Hello) -> Session:
        session = Session(
            new_session_id(),
            sidecar.group,
            sidecar.process.name,
            self._pool,
            self._calls,
            self._clock,
            self._log,
            max_payload_bytes=self._settings.max_payload_bytes,
            capabilities=CAPABILITIES.intersection(hello.capabilities),
            is_remote=bool(sidecar.process.address),
        )
        session.last_seen_s = self._loop.time()
        session.on_leaving = lambda: self._roster.drain(sidecar, self._settings.drain_grace_ms)
        sidecar.connected = True
        sidecar.arrived.set_result(session)
        return session

    def _resume(self, sidecar: Sidecar, session: Session) -> Session:
        if sidecar.expiry is not None:
            sidecar.expiry.cancel()
        sidecar.connected = True
        session.resume()
        self._roster.employ(sidecar)
        self._log.record("info", f"{session.name} is back")
        return session

    def disconnected(self, session: Session) -> None:
        """See `service.Door.disconnected`."""
        sidecar = self._roster.of(session)
        if sidecar is None:
            return
        sidecar.connected = False
        if sidecar.process.address:  # its host may be gone: others have what comes meanwhile, or it waits
            self._pool.pause(session)
        if session.drained.is_set():
            sidecar.process.left()
        elif sidecar.process.address or not self._roster.is_stopping:
            window_s = self._settings.sidecars.resume_window_ms / 1000
            sidecar.expiry = self._loop.call_later(window_s, sidecar.process.lose, f"not back within {window_s:g} s")

    def step_name(self, reference: str) -> str:
        """See `service.Door.step_name`."""
        return self.step_names.get(reference, reference)

    def violated(self, session: Session) -> None:
        """See `service.Door.violated`."""
        if (sidecar := self._roster.of(session)) is not None:
            sidecar.process.lose(REFUSED)


def refused(message: str, code: int = failure_pb2.PROTOCOL_ERROR_CODE_TOKEN) -> ProtocolViolationError:
    """Why a sidecar may not come in."""
    return ProtocolViolationError(message, code=code)
