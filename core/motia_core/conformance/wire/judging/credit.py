"""Watches what a sidecar says it will take."""

from __future__ import annotations

from motia_core._gen.motia.v1 import invoke_pb2, lifecycle_pb2
from motia_core.conformance.wire.judging.seen import Seen, Verdict, Watcher

POOLS = {lifecycle_pb2.POOL_API: "API", lifecycle_pb2.POOL_BACKGROUND: "BACKGROUND"}


class Credits(Watcher):
    """CREDIT-1, CREDIT-4, CREDIT-7, CANCEL-7."""

    def __init__(self, seen: Seen, verdict: Verdict) -> None:
        super().__init__(seen, verdict)
        self.granted = dict.fromkeys(POOLS, 0)
        self._cancelled: set[int] = set()

    def said_cancel(self, cancel: invoke_pb2.Cancel) -> None:
        """Its slot is not free yet."""
        self._cancelled.add(cancel.invocation_id)

    def heard_credit(self, credit: lifecycle_pb2.Credit) -> None:
        """A total, which never goes down."""
        if credit.pool not in self.granted:
            self.broke("CREDIT-1", f"Credit is for the unknown pool {credit.pool}")
            return
        before = self.granted[credit.pool]
        if credit.granted < before:
            rule = "CREDIT-5" if self.seen.resumed else "CREDIT-1"
            self.broke(rule, f"Credit.granted of {POOLS[credit.pool]} went from {before} down to {credit.granted}")
        if credit.granted > before and self.seen.drained_by_s is not None and not self._may_have_crossed():
            self.broke("CREDIT-7", f"Credit.granted of {POOLS[credit.pool]} was raised to {credit.granted} after Drain")
        self.granted[credit.pool] = max(before, credit.granted)

    def _may_have_crossed(self) -> bool:
        """Whether nothing shows that the sidecar has read Drain: the credit may have been on its way."""
        return not self.seen.drain_was_read

    def message_over(self) -> None:
        """Compare with what has ended. After a resume the ends that were lost come in any order with the credit."""
        if not self.seen.resumed:
            self._compare()

    def ended(self, code: int | None, stderr: str) -> None:
        """After a resume, at the end."""
        if self.seen.drained:
            self._compare()

    def _compare(self) -> None:
        if (welcome := self.seen.welcome) is None:
            return
        for pool, slots in (
            (lifecycle_pb2.POOL_API, welcome.api_slots),
            (lifecycle_pb2.POOL_BACKGROUND, welcome.background_slots),
        ):
            ended = sum(each.slot_is_free and each.invoke.pool == pool for each in self.seen.attempts.values())
            if self.granted[pool] > slots + ended:
                self.broke(
                    "CANCEL-7" if self._holds_cancelled(pool) else "CREDIT-4",
                    f"{self.granted[pool]} were granted of {POOLS[pool]}: {slots} slots and {ended} that ended",
                )

    def _holds_cancelled(self, pool: int) -> bool:
        """Whether attempts run that were cancelled, whose slots are what was granted too early."""
        return any(
            number in self._cancelled and each.invoke.pool == pool and not each.slot_is_free
            for number, each in self.seen.attempts.items()
        )
