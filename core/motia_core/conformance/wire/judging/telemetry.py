"""Watches log records."""

from __future__ import annotations

from motia_core._gen.motia.v1 import lifecycle_pb2, telemetry_pb2
from motia_core.conformance.wire.judging.json_text import is_json
from motia_core.conformance.wire.judging.seen import Seen, Verdict, Watcher

STEP_BACK_MS = 100  # threads that log at a time may come in any order


class Telemetry(Watcher):
    """TELEMETRY, SHAPE-1."""

    def __init__(self, seen: Seen, verdict: Verdict) -> None:
        super().__init__(seen, verdict)
        self._open = 0
        self._first = True
        self._dropped = 0
        self._latest_ms = 0

    def connected(self) -> None:
        """The streams of the connection before are gone with it."""
        self._open = 0

    def opened(self) -> None:
        """One at a time."""
        self._open += 1
        self._first = True
        self._dropped = 0
        self._latest_ms = 0
        if self._open > 1:
            self.broke("SHAPE-1", f"{self._open} Telemetry streams are open at a time")

    def closed(self) -> None:
        """It has ended."""
        self._open = max(0, self._open - 1)

    def telemetry(self, request: telemetry_pb2.TelemetryRequest) -> None:
        """Look at the records."""
        welcome: lifecycle_pb2.Welcome | None = self.seen.welcome
        if self._first:
            self._first = False
            if welcome is None or request.session_id != welcome.session_id:
                self.broke("TELEMETRY-1", f"Telemetry begins with the session_id {request.session_id!r}")
        if request.dropped < self._dropped:
            self.broke("TELEMETRY-3", f"dropped went from {self._dropped} down to {request.dropped}")
        self._dropped = request.dropped
        for record in request.logs:
            self._record(record)

    def _record(self, record: telemetry_pb2.LogRecord) -> None:
        if record.time_unix_ms < self._latest_ms - STEP_BACK_MS:
            self.broke("TELEMETRY-2", f"a record of {record.time_unix_ms} came after one of {self._latest_ms}")
        self._latest_ms = max(self._latest_ms, record.time_unix_ms)
        if record.fields and not is_json(record.fields):
            self.broke("TELEMETRY-4", f"the fields of a record are not JSON: {record.fields[:80]!r}")
        if not record.invocation_id:
            return
        attempt = self.seen.attempts.get(record.invocation_id)
        if attempt is None:
            self.broke("TELEMETRY-5", f"a record names invocation {record.invocation_id}, which was never invoked")
        elif (record.step, record.trace_id) != (attempt.invoke.step, attempt.invoke.trace_id):
            self.broke(
                "TELEMETRY-5",
                f"a record of {attempt.invoke.step} names the step {record.step!r} and the trace {record.trace_id!r}",
            )
