"""Mutants that go wrong when they are to stop."""

from __future__ import annotations

import asyncio
from typing import Any

from motia_core._gen.motia.v1 import invoke_pb2, lifecycle_pb2
from tests.mutants import sidecar
from tests.mutants.mutant import breaks
from tests.mutants.sidecar import Sidecar


@breaks("CANCEL-3", "cancel")
class CancelledForGood(Sidecar):
    """Drops a cancelled attempt."""

    def on_cancel(self, cancel: invoke_pb2.Cancel) -> None:
        super().on_cancel(cancel)
        self.attempts.pop(cancel.invocation_id, None)


@breaks("CANCEL-4", "signal_only")
class InterruptsAlways(Sidecar):
    """Cancels what was only to be told."""

    def on_cancel(self, cancel: invoke_pb2.Cancel) -> None:
        cancel.signal_only = False
        super().on_cancel(cancel)


@breaks("CANCEL-5", "late_frames")
class DiesOfUnknownCancels(Sidecar):
    """Takes a Cancel of what it does not run for an error."""

    def on_cancel(self, cancel: invoke_pb2.Cancel) -> None:
        if cancel.invocation_id not in self.attempts:
            raise sidecar.RefusedError("an unknown id")
        super().on_cancel(cancel)


@breaks("CANCEL-7", "cancel")
class FreesSlotOfCancelled(Sidecar):
    """Takes the slot of a cancelled attempt for free before its end."""

    def on_cancel(self, cancel: invoke_pb2.Cancel) -> None:
        self.grant(2)
        super().on_cancel(cancel)


@breaks("DRAIN-2", "drain_in_the_middle")
class NoGrace(Sidecar):
    """Cancels what runs at once."""

    async def finish(self, grace_s: float) -> None:
        for attempt in list(self.attempts.values()):
            self.complete(attempt, {"failure": self.stopped(attempt)})
        await super().finish(grace_s)


@breaks("DRAIN-3", "drained_logs")
class LosesLastRecords(Sidecar):
    """Sends records now and then, and does not when it ends."""

    async def send_logs(self, channel: Any) -> None:
        await asyncio.sleep(2)
        await super().send_logs(channel)


@breaks("DRAIN-4", "drain_waits_for_acks")
class DoesNotWaitForAcks(Sidecar):
    """Is gone before its completes are acknowledged."""

    def owed(self) -> set[int]:
        return set()


@breaks("DRAIN-4", "idle_drain")
class ExitsWithOne(Sidecar):
    """Exits with another code than 0."""

    async def run(self) -> int:
        await super().run()
        return 1


@breaks("DRAIN-4", "idle_drain")
class SpeaksAfterDrained(Sidecar):
    """Sends a heartbeat after Drained."""

    async def finish(self, grace_s: float) -> None:
        await super().finish(grace_s)
        self.put(heartbeat=lifecycle_pb2.Heartbeat(sequence=self.beats + 1))


@breaks("DRAIN-4", "idle_drain")
class NeverDrains(Sidecar):
    """Ignores Drain."""

    def on_drain(self, drain: lifecycle_pb2.Drain) -> None:
        pass


@breaks("DRAIN-5", "drain_in_the_middle")
class TakesWorkWhileDraining(Sidecar):
    """Runs what comes after Drain."""

    def on_invoke(self, invoke: Any) -> tuple[int, str] | None:
        draining, self.draining = self.draining, False
        answer = super().on_invoke(invoke)
        self.draining = draining
        return answer


@breaks("DRAIN-7", "drain_in_the_middle")
class ReturnsWhatRuns(Sidecar):
    """Gives everything back."""

    async def finish(self, grace_s: float) -> None:
        self.put(returned=lifecycle_pb2.Returned(invocation_ids=list(self.attempts)))
        self.attempts.clear()
        await super().finish(grace_s)


@breaks("ORDER-4", "cancel_crosses_complete")
class DiesOfLateCancels(Sidecar):
    """Has forgotten what it has completed."""

    cancels = 0

    def on_cancel(self, cancel: invoke_pb2.Cancel) -> None:
        self.cancels += 1
        super().on_cancel(cancel)

    def on_invoke(self, invoke: Any) -> tuple[int, str] | None:
        if self.cancels > 11 and invoke.HasField("http"):
            return None
        return super().on_invoke(invoke)
