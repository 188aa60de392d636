"""The Date header, formatted once a second at most, and not at all while nobody asks."""

from __future__ import annotations

import asyncio
from email.utils import formatdate

from motia_core.clock import Clock
from motia_core.ingress.interface import HeaderPair


class DateHeader:
    """Knows the current Date header."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._pair: HeaderPair | None = None

    def pair(self) -> HeaderPair:
        """The header for a response that is sent now."""
        return self._pair or self._renew()

    def _renew(self) -> HeaderPair:
        now_ms = self._clock.now_ms()
        self._pair = (b"date", formatdate(now_ms // 1000, usegmt=True).encode())
        asyncio.get_running_loop().call_later(1 - now_ms % 1000 / 1000, self._forget)
        return self._pair

    def _forget(self) -> None:
        self._pair = None
