"""The database's clock, which the cores that share it have in common: their own may differ by seconds."""

from __future__ import annotations

from motia_core.clock import Clock


class SharedClock:
    """Implements `Clock`: the core's own clock, corrected by what it differs from the database's.

    Args:
        own: The core's own clock.
    """

    def __init__(self, own: Clock) -> None:
        self._own = own
        self._offset_ms = 0
        self._doubt_ms = 1_000_000  # how long the question that the offset is from took

    def now_ms(self) -> int:
        return self._own.now_ms() + self._offset_ms

    def mono_s(self) -> float:
        return self._own.mono_s()

    def own_ms(self) -> int:
        """What the core's own clock says; before asking the database."""
        return self._own.now_ms()

    def compare(self, asked_ms: int, answer_ms: int) -> None:
        """The database was asked at `asked_ms` by the core's own clock, and said it is `answer_ms`.

        An answer that took much longer than others says little; but the older what is known, the less that says.
        """
        took_ms = self._own.now_ms() - asked_ms
        if took_ms < 0 or took_ms > self._doubt_ms:
            self._doubt_ms += 1 + self._doubt_ms // 4
            return
        self._doubt_ms = took_ms
        self._offset_ms = answer_ms - asked_ms - took_ms // 2
