"""Notices those who dial over TLS and do not get as far as saying hello. gRPC refuses them, and tells nobody."""

from __future__ import annotations

import asyncio

from motia_core.engine.ports import Log

PATIENCE_S = 3.0  # from a connection to its Hello
REMIND_S = 60.0
WHY = (
    "it does not trust the certificate of this core (MOTIA_SIDECAR_CA, MOTIA_SIDECAR_SERVER_NAME), has none that "
    "sidecars.tls_client_ca has signed (MOTIA_SIDECAR_CERT), or does not speak TLS; its own output says which"
)


class Knocking:
    """Counts connections, and who of them came in."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._loop = asyncio.get_running_loop()
        self._outside = 0
        self._told_s = float("-inf")

    def knocked(self) -> None:
        """Somebody dials. From any thread."""
        self._loop.call_soon_threadsafe(self._knocked)

    def came_in(self) -> None:
        """Somebody has begun a session over TLS."""
        self._outside = max(0, self._outside - 1)

    def _knocked(self) -> None:
        self._outside += 1
        self._loop.call_later(PATIENCE_S, self._look)

    def _look(self) -> None:
        if not self._outside:
            return
        self._outside -= 1
        now_s = self._loop.time()
        if now_s - self._told_s >= REMIND_S:
            self._told_s = now_s
            self._log.record("error", f"a sidecar was refused before it could say hello: {WHY}")
