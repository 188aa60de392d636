"""Watches the end of a session in good order."""

from __future__ import annotations

from motia_core._gen.motia.v1 import lifecycle_pb2, sidecar_pb2
from motia_core.conformance.wire.judging.seen import Watcher, now_s

CROSSING_S = 0.5  # a frame that comes later than this after Drain was written after Drain was read


class Draining(Watcher):
    """DRAIN-4 and its exit code."""

    def said_drain(self, drain: lifecycle_pb2.Drain) -> None:
        """From here on the sidecar finishes."""
        self.seen.drained_by_s = now_s() + drain.grace_ms / 1000
        self._asked_s = now_s()

    def heard_returned(self, returned: lifecycle_pb2.Returned) -> None:
        """Shows that Drain was read."""
        if self.seen.drained_by_s is not None:
            self.seen.drain_was_read = True

    def frame(self, kind: str | None, frame: sidecar_pb2.SidecarFrame) -> None:
        """Nothing follows Drained."""
        if self.seen.drained:
            self.broke("DRAIN-4", f"{kind} was sent after Drained")
        if self.seen.drained_by_s is not None and now_s() - self._asked_s > CROSSING_S:
            self.seen.drain_was_read = True

    def heard_drained(self, drained: lifecycle_pb2.Drained) -> None:
        """Nothing may be left."""
        seen = self.seen
        seen.drained = True
        if seen.drained_by_s is None:
            self.broke("DRAIN-4", "Drained was sent without a Drain")
            return
        if running := [each.invoke.invocation_id for each in seen.running() if not each.after_drain]:
            self.broke("DRAIN-4", f"Drained was sent while {running[:5]} had neither completed nor come back")
        kept = [
            each.invoke.invocation_id
            for each in seen.attempts.values()
            if each.complete is not None and each.invoke.durable and each.invoke.invocation_id not in seen.acknowledged
        ]
        if kept and now_s() < seen.drained_by_s:
            self.broke("DRAIN-4", f"Drained was sent before {kept[:5]} were acknowledged and before the grace was over")

    def ended(self, code: int | None, stderr: str) -> None:
        """A drained sidecar exits with code 0."""
        if self.seen.drained and code != 0:
            how = "does not exit" if code is None else f"exits with code {code}"
            self.broke("DRAIN-4", f"the drained sidecar {how}")
