"""What is measured of a running core beside its steps, read when somebody asks for it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

INTERVAL_S = 0.5


@dataclass(frozen=True, slots=True)
class Meters:
    """One reading."""

    loop_lag_s: float  # the longest within the last interval
    sidecars: Sequence[Mapping[str, object]]  # as `services.Administration.sidecars` has them
    stream_clients: int  # connections that watch streams
    sockets: int  # WebSocket connections, those of stream clients among them
    dropped_records: int  # attempts and log records that were not recorded


class LoopLag:
    """How late the event loop is: a timer that should come every INTERVAL_S."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._due_s = 0.0
        self.lag_s = 0.0

    def start(self) -> None:
        """Measure until `stop`."""
        self._due_s = self._loop.time() + INTERVAL_S
        self._timer = self._loop.call_at(self._due_s, self._measure)

    def stop(self) -> None:
        """Measure no more."""
        if self._timer is not None:
            self._timer.cancel()

    def _measure(self) -> None:
        self.lag_s = max(0.0, self._loop.time() - self._due_s)
        self.start()
