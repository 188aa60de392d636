"""The judge itself: hands each frame to those who watch its exchange."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from motia_core._gen.motia.v1 import sidecar_pb2, telemetry_pb2
from motia_core.conformance.wire.frames import TOKEN
from motia_core.conformance.wire.judging.attempts import Attempts
from motia_core.conformance.wire.judging.calls import Calls
from motia_core.conformance.wire.judging.credit import Credits
from motia_core.conformance.wire.judging.draining import Draining
from motia_core.conformance.wire.judging.errors import Errors
from motia_core.conformance.wire.judging.handshake import Handshake
from motia_core.conformance.wire.judging.liveness import Liveness
from motia_core.conformance.wire.judging.loading import Loading
from motia_core.conformance.wire.judging.payloads import Payloads
from motia_core.conformance.wire.judging.seen import Broken, Seen, Verdict, Watcher
from motia_core.conformance.wire.judging.streaming import Streaming
from motia_core.conformance.wire.judging.telemetry import Telemetry

# In this order: what attempts have come to is known before credit is counted.
WATCHERS: tuple[type[Watcher], ...] = (
    Errors,
    Handshake,
    Loading,
    Streaming,
    Attempts,
    Calls,
    Credits,
    Payloads,
    Liveness,
    Draining,
    Telemetry,
)


class Judge:
    """Watches all that is said in one session. A `Witness` of a scripted core."""

    def __init__(self, language: str, token: str = TOKEN) -> None:
        self.verdict = Verdict()
        self.seen = Seen(language, token)
        self.expects_error = False  # the case has the sidecar end the session
        self.liveness = Liveness(self.seen, self.verdict)
        self._watchers = [
            self.liveness if watcher is Liveness else watcher(self.seen, self.verdict) for watcher in WATCHERS
        ]
        self._heard: dict[str, list[Callable[[Any], None]]] = defaultdict(list)
        self._said: dict[str, list[Callable[[Any], None]]] = defaultdict(list)
        for each in self._watchers:
            for name in dir(each):
                for prefix, table in (("heard_", self._heard), ("said_", self._said)):
                    if name.startswith(prefix):
                        table[name.removeprefix(prefix)].append(getattr(each, name))

    @property
    def broken(self) -> list[Broken]:
        """What was broken so far."""
        return self.verdict.broken

    def connected(self) -> None:
        """A Session stream was opened."""
        self.seen.connection += 1
        self.seen.is_welcome = False
        for watcher in self._watchers:
            watcher.connected()

    def disconnected(self) -> None:
        """It has ended."""
        for watcher in self._watchers:
            watcher.disconnected()

    def heard(self, request: sidecar_pb2.SessionRequest, size: int) -> None:
        """The sidecar has sent a message."""
        for watcher in self._watchers:
            watcher.message(request, size)
        for frame in request.frames:
            kind = frame.WhichOneof("frame")
            for watcher in self._watchers:
                watcher.frame(kind, frame)
            for look in self._heard.get(kind or "", ()):
                look(getattr(frame, kind or ""))
        for watcher in self._watchers:
            watcher.message_over()

    def said(self, response: sidecar_pb2.SessionResponse) -> None:
        """The core sends a message."""
        for frame in response.frames:
            kind = frame.WhichOneof("frame") or ""
            for note in self._said.get(kind, ()):
                note(getattr(frame, kind))

    def telemetry_opened(self) -> None:
        """A Telemetry stream was opened."""
        for watcher in self._watchers:
            if isinstance(watcher, Telemetry):
                watcher.opened()

    def telemetry(self, request: telemetry_pb2.TelemetryRequest) -> None:
        """The sidecar has sent records."""
        for watcher in self._watchers:
            watcher.telemetry(request)

    def telemetry_closed(self) -> None:
        """A Telemetry stream has ended."""
        for watcher in self._watchers:
            if isinstance(watcher, Telemetry):
                watcher.closed()

    def ended(self, code: int | None, stderr: str) -> None:
        """It is over; the code is None when the process did not end by itself."""
        error = self.seen.sidecar_error
        if error is not None and not self.expects_error:
            self.verdict.add("ERROR-5", f"the sidecar ended the session, and the core broke no rule: {error.message}")
        for watcher in self._watchers:
            watcher.ended(code, stderr)
