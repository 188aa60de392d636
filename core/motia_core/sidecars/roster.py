"""All sidecars that there are, and which of them may be given work."""

from __future__ import annotations

from collections.abc import Sequence

from motia_core.engine.tasks import Tasks
from motia_core.sidecars.group import Group
from motia_core.sidecars.pool import SidecarPool
from motia_core.sidecars.session import Session
from motia_core.sidecars.sidecar import Sidecar


class Roster:
    """Who is there. Sidecars enter before they say hello, and leave when they have ended."""

    def __init__(self, pool: SidecarPool, tasks: Tasks) -> None:
        self._pool = pool
        self._tasks = tasks
        self._streams: Sequence[str] = ()
        self._is_open = False  # whether sidecars may be given work
        self.is_stopping = False
        self.by_token: dict[str, Sidecar] = {}

    @property
    def sidecars(self) -> list[Sidecar]:
        """All of them."""
        return list(self.by_token.values())

    def of(self, session: Session) -> Sidecar | None:
        """Whose session it is; None: of one that has left."""
        return next((sidecar for sidecar in self.by_token.values() if sidecar.session is session), None)

    def enter(self, sidecar: Sidecar) -> None:
        """It may say hello from now on."""
        self.by_token[sidecar.token] = sidecar

    def open(self, streams: Sequence[str]) -> None:
        """The project is known: who is welcome from now on is given work.

        Args:
            streams: Names of the project's streams, for the sidecars.
        """
        self._streams, self._is_open = streams, True

    def tell(self, sidecar: Sidecar) -> None:
        """Tell of the project that is served now, and give work to who had none yet."""
        if (session := sidecar.session) is not None and session.ready:
            session.outbox.frame().project.stream_names.extend(self._streams)
        self.employ(sidecar)

    def employ(self, sidecar: Sidecar) -> None:
        """Give it work, if it has loaded its files and may have some."""
        session = sidecar.session
        if not self._is_open or session is None or session.ready or session.draining or sidecar.busy:
            return
        if session.manifest.done():
            session.outbox.frame().project.stream_names.extend(self._streams)
            self._pool.add(session)

    def drain(self, sidecar: Sidecar, grace_ms: int) -> None:
        """No new work for it; what it runs may end."""
        if (session := sidecar.session) is not None and not session.draining:
            self._pool.pause(session)
            session.drain(grace_ms)

    def remove(self, group: Group, sidecar: Sidecar) -> None:
        """It has ended, or is of no use, and a group has one less."""
        group.remove(sidecar)
        self.forget(sidecar)

    def forget(self, sidecar: Sidecar) -> None:
        """It has ended, or is of no use."""
        sidecar.process.let_go()
        del self.by_token[sidecar.token]
        if sidecar.expiry is not None:
            sidecar.expiry.cancel()
        if (session := sidecar.session) is not None:
            self._pool.pause(session)
            # What it asked last is stored before its attempts begin anew elsewhere.
            closing = self._tasks.start(session.close())
            closing.add_done_callback(lambda _: self._pool.remove(session))
