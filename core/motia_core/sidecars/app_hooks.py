"""Where requests find the Express app of motia.config's `app` hook: in any Node sidecar that may be given work."""

from __future__ import annotations

import asyncio
from collections.abc import Container

from motia_core.engine.ports import Log
from motia_core.errors import DrainingError, NoSidecarError
from motia_core.sidecars.pool import SidecarPool
from motia_core.sidecars.session import Session

GROUP = "node"  # loads motia.config
WAIT_S = 30.0  # for a sidecar that is replaced, or busy


class AppHooks:
    """The addresses of the app, as sidecars come and go. Implements `Hooks` for the ingress."""

    def __init__(self, pool: SidecarPool, log: Log) -> None:
        self._pool = pool
        self._log = log
        self._changed = asyncio.Event()
        self._turn = 0
        self._reported: set[str] = set()  # sessions that came without the app
        self.is_expected = False  # the project has a hook that could be loaded
        pool.on_change = self._notice

    async def address(self, refused: Container[str] = ()) -> str:
        """Where to ask now; waits for a sidecar that is being replaced.

        Args:
            refused: Addresses where nobody answers any more, though their sidecars are not known to have ended.

        Raises:
            NoSidecarError: There is none, and none comes soon.
            DrainingError: The core is shutting down.
        """
        try:
            async with asyncio.timeout(WAIT_S):
                while not (found := self._look(refused)):
                    self._changed.clear()
                    await self._changed.wait()
                return found
        except TimeoutError:
            why = f"no node sidecar was ready within {WAIT_S:g} s to run the app of motia.config"
            raise NoSidecarError(why) from None

    def _look(self, refused: Container[str]) -> str:
        """An address; empty: wait."""
        if self._pool.draining:
            raise DrainingError
        group = self._pool.group(GROUP)
        known = [session.app_hook for session in group.sessions if session.app_hook]
        found = [address for address in known if address not in refused]
        if found:
            self._turn += 1
            return found[self._turn % len(found)]
        if group.sessions and not known:
            raise NoSidecarError("the app hook of motia.config could not be loaded again; the log says why")
        if not group.alive and not group.starting:
            raise NoSidecarError(f"no {GROUP} sidecar is running; the log says why")
        return ""

    def _notice(self) -> None:
        self._changed.set()
        if self.is_expected:
            for session in self._pool.group(GROUP).sessions:
                if not session.app_hook and session.id not in self._reported:
                    self._reported.add(session.id)
                    self._report(session)

    def _report(self, session: Session) -> None:
        """A sidecar was replaced, and the hook that could be loaded before fails now. Steps are not served without it:
        it may be what keeps strangers out."""
        errors = [problem for problem in session.manifest.result().problems if problem.severity == "error"]
        why = next((f"{p.file}: {p.cause}" for p in errors if p.file.startswith("motia.config")), "it was left out")
        self._log.record("error", f"{session.name} came without the app hook of motia.config: {why}")
