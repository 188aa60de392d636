"""What the session owes and is owed: credit granted to the core, and durable completes it has not confirmed."""

from __future__ import annotations

from collections.abc import Iterable

from motia._gen.motia.v1 import lifecycle_pb2, sidecar_pb2
from motia.attempt import Attempt
from motia.wire import pack


class Ledger:
    """Of one session. Used on the protocol thread only."""

    def __init__(self) -> None:
        self._granted: dict[int, int] = {}
        self._changed: set[int] = set()
        self._granting = True
        self.unconfirmed: dict[int, bytes] = {}

    def open(self, api_slots: int, background_slots: int) -> None:
        """Grant the first credits."""
        self._granted = {lifecycle_pb2.POOL_API: api_slots, lifecycle_pb2.POOL_BACKGROUND: background_slots}
        self._changed = set(self._granted)

    def end(self, attempt: Attempt) -> None:
        """An attempt ended: its slot is granted again, and its Complete kept if it is durable."""
        if attempt.invoke.durable:
            self.unconfirmed[attempt.id] = attempt.frame
        self.free(attempt)

    def free(self, attempt: Attempt) -> None:
        """Grant an attempt's slot again."""
        if self._granting and not attempt.slot_is_free:
            attempt.slot_is_free = True
            pool = attempt.invoke.pool
            self._granted[pool] = self._granted.get(pool, 0) + 1
            self._changed.add(pool)

    def stop_granting(self) -> None:
        """No slot is granted again."""
        self._granting = False
        self._changed.clear()

    def confirm(self, invocation_ids: Iterable[int]) -> None:
        """The core has these completes."""
        for invocation_id in invocation_ids:
            self.unconfirmed.pop(invocation_id, None)

    def credit_frames(self) -> list[bytes]:
        """Credits that changed since the last time."""
        if not self._changed:
            return []
        frames = [self._credit(pool) for pool in sorted(self._changed)]
        self._changed.clear()
        return frames

    def all_credit_frames(self) -> list[bytes]:
        """All credits, for a resumed session."""
        return [self._credit(pool) for pool in sorted(self._granted)]

    def _credit(self, pool: int) -> bytes:
        credit = lifecycle_pb2.Credit(pool=pool, granted=self._granted[pool])  # type: ignore[arg-type]
        return pack(sidecar_pb2.SidecarFrame(credit=credit))
