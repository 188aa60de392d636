"""Watches who dials, and how a session begins and begins again."""

from __future__ import annotations

from motia_core._gen.motia.v1 import lifecycle_pb2, sidecar_pb2
from motia_core.conformance.wire.judging.seen import Seen, Verdict, Watcher, now_s

OVERLAP_S = 1.0  # a stream that the sidecar has let go of may look alive for a moment


class Handshake(Watcher):
    """SHAPE-1, SHAPE-2, HELLO, RESUME-2, RESUME-10."""

    def __init__(self, seen: Seen, verdict: Verdict) -> None:
        super().__init__(seen, verdict)
        self._open = 0
        self._messages = 0  # on this connection
        self._connected_s = 0.0

    def connected(self) -> None:
        """Look for a stream that must not be."""
        seen = self.seen
        self._open += 1
        self._messages = 0
        self._connected_s = now_s()
        if seen.core_error is not None:
            rule = "RESUME-10" if seen.welcome is not None else "HELLO-10"
            self.broke(rule, "the sidecar dialled again after the core had refused it with a ProtocolError")
        elif seen.sidecar_error is not None or seen.drained:
            last = "Drained" if seen.drained else "ProtocolError"
            self.broke("RESUME-10", f"the sidecar dialled again after its own {last}")

    def disconnected(self) -> None:
        """Count the streams."""
        self._open -= 1

    def message(self, request: sidecar_pb2.SessionRequest, size: int) -> None:
        """Look at how the first message is made."""
        self._messages += 1
        kinds = [frame.WhichOneof("frame") for frame in request.frames]
        if not kinds:
            self.broke("SHAPE-2", "a message without frames was sent")
        if self._messages == 1 and kinds != ["hello"]:
            self.broke("HELLO-1", f"the first message holds {kinds}, not Hello alone")
        if self._open > 1 and now_s() - self._connected_s > OVERLAP_S:
            self.broke("SHAPE-1", f"{self._open} Session streams are open at a time")

    def frame(self, kind: str | None, frame: sidecar_pb2.SidecarFrame) -> None:
        """Look for frames that come too early."""
        if not self.seen.is_welcome and kind not in ("hello", "protocol_error"):
            self.broke("HELLO-9", f"{kind} was sent before Welcome was read")

    def heard_hello(self, hello: lifecycle_pb2.Hello) -> None:
        """Compare it with what the sidecar was told."""
        seen = self.seen
        if self._messages > 1 or seen.is_welcome:
            self.broke("HELLO-3", "a second Hello was sent on one connection")
        if hello.token != seen.token:
            self.broke("HELLO-4", "Hello.token is not what MOTIA_SIDECAR_TOKEN says")
        if hello.language != seen.language:
            self.broke(
                "HELLO-5", f"Hello.language is {hello.language!r}; MOTIA_SIDECAR_LANGUAGE says {seen.language!r}"
            )
        if not hello.revisions or 0 in hello.revisions:
            self.broke("HELLO-6", f"Hello.revisions names {list(hello.revisions)}")
        begins_anew = seen.is_external and not hello.resume_session_id
        if seen.welcome is not None and hello.resume_session_id != seen.welcome.session_id and not begins_anew:
            named = hello.resume_session_id or "no session"
            self.broke("RESUME-2", f"Hello names {named} to resume instead of {seen.welcome.session_id}")
        seen.hello = hello

    def said_welcome(self, welcome: lifecycle_pb2.Welcome) -> None:
        """From here on the session has limits."""
        self.seen.welcome = welcome
        self.seen.is_welcome = True
