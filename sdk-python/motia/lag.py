"""How late the loop of user code is, measured from the protocol thread, so that it grows while that loop is blocked."""

from __future__ import annotations

import asyncio
import resource
import sys
import time
from pathlib import Path

STATM = Path("/proc/self/statm")
PAGE_BYTES = resource.getpagesize()


class LagProbe:
    """Asks the loop for a sign of life and times it."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._asked_s: float | None = None
        self._worst_s = 0.0

    def ask(self) -> None:
        """Send a probe, unless one is still unanswered."""
        if self._asked_s is None:
            self._asked_s = time.monotonic()
            self._loop.call_soon_threadsafe(self._answer)

    def take_ms(self) -> int:
        """The longest lag since the last call, that of an unanswered probe included."""
        asked_s, worst_s = self._asked_s, self._worst_s
        self._worst_s = 0.0
        if asked_s is not None:
            worst_s = max(worst_s, time.monotonic() - asked_s)
        return int(worst_s * 1000)

    def _answer(self) -> None:
        if self._asked_s is not None:
            self._worst_s = max(self._worst_s, time.monotonic() - self._asked_s)
            self._asked_s = None


def memory_bytes() -> int:
    """Resident memory; where the system does not tell, the most there ever was."""
    try:
        return int(STATM.read_text().split()[1]) * PAGE_BYTES
    except OSError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024
