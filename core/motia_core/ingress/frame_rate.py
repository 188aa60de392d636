"""How fast a client of streams may send."""

from __future__ import annotations

from enum import Enum, auto

BURST_S = 2  # so many seconds' frames may come at once, after a pause
WINDOW_S = 10.0
FLOOD = 10  # times the rate: a client that is so far above it in a window is sent away


class Verdict(Enum):
    """What becomes of a frame."""

    TAKEN = auto()
    DROPPED = auto()
    DROPPED_ALOUD = auto()  # and the client is told
    FLOOD = auto()  # it was one too many


class FrameRate:
    """A bucket of tokens, in three numbers and not in an object for each frame."""

    __slots__ = ("_at_s", "_dropped", "_per_s", "_since_s", "_tokens", "_told_s")

    def __init__(self, per_s: int, now_s: float) -> None:
        self._per_s = per_s
        self._tokens = float(BURST_S * per_s)
        self._at_s = self._since_s = now_s
        self._told_s = now_s - WINDOW_S
        self._dropped = 0  # since _since_s

    def take(self, now_s: float) -> Verdict:
        """Look at a frame that comes now."""
        tokens = min(BURST_S * self._per_s, self._tokens + (now_s - self._at_s) * self._per_s)
        self._at_s = now_s
        if tokens >= 1:
            self._tokens = tokens - 1
            return Verdict.TAKEN
        self._tokens = tokens
        if now_s - self._since_s >= WINDOW_S:
            self._since_s, self._dropped = now_s, 0
        self._dropped += 1
        if self._dropped > FLOOD * self._per_s:
            return Verdict.FLOOD
        if now_s - self._told_s < 1:
            return Verdict.DROPPED
        self._told_s = now_s
        return Verdict.DROPPED_ALOUD
