"""Watches the heartbeat."""

from __future__ import annotations

from motia_core._gen.motia.v1 import lifecycle_pb2
from motia_core.conformance.wire.judging.seen import Seen, Verdict, Watcher, now_s

SHORT_MS = 1000  # intervals that a case can wait for
MISSED = 10  # intervals without a heartbeat that are too many
AT_LEAST_S = 2.0  # on a busy machine


class Liveness(Watcher):
    """LIVENESS-1, RESUME-3."""

    def __init__(self, seen: Seen, verdict: Verdict) -> None:
        super().__init__(seen, verdict)
        self.is_watched = True  # a core that does not read cannot tell
        self._since_s: float | None = None
        self._sequence = 0

    def said_welcome(self, welcome: lifecycle_pb2.Welcome) -> None:
        """The first one is due an interval after this."""
        self._since_s = now_s()

    def heard_heartbeat(self, heartbeat: lifecycle_pb2.Heartbeat) -> None:
        """They come in time, and are counted."""
        self._late()
        self._since_s = now_s()
        # Those that were on their way when a connection was lost are missing.
        follows = heartbeat.sequence > self._sequence if self.seen.resumed else heartbeat.sequence == self._sequence + 1
        if not follows:
            rule = "RESUME-3" if self.seen.resumed else "LIVENESS-1"
            self.broke(rule, f"Heartbeat.sequence is {heartbeat.sequence} after {self._sequence}")
        self._sequence = heartbeat.sequence

    def disconnected(self) -> None:
        """Until the session ends."""
        if not self.seen.drained:
            self._late()
        self._since_s = None

    def _late(self) -> None:
        welcome = self.seen.welcome
        if self._since_s is None or welcome is None or not self.is_watched:
            return
        if welcome.heartbeat_interval_ms <= SHORT_MS:
            limit_s = max(MISSED * welcome.heartbeat_interval_ms / 1000, AT_LEAST_S)
            if (silence_s := now_s() - self._since_s) > limit_s:
                self.broke(
                    "LIVENESS-1",
                    f"no Heartbeat for {silence_s:.1f} s; the interval is {welcome.heartbeat_interval_ms} ms",
                )
