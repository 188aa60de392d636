"""Watches protocol errors, and how the process ends after one."""

from __future__ import annotations

from motia_core._gen.motia.v1 import failure_pb2, sidecar_pb2
from motia_core.conformance.wire.judging.seen import Watcher


class Errors(Watcher):
    """ERROR-1, ERROR-2, ERROR-3, HELLO-10."""

    def frame(self, kind: str | None, frame: sidecar_pb2.SidecarFrame) -> None:
        """Nothing follows an error."""
        if self.seen.sidecar_error is not None:
            self.broke("ERROR-1", f"{kind} was sent after the sidecar's own ProtocolError")

    def heard_protocol_error(self, error: failure_pb2.ProtocolError) -> None:
        """The sidecar says that the core broke a rule."""
        if self.seen.core_error is not None:
            self.broke("ERROR-3", "a ProtocolError was answered with a ProtocolError")
        if not error.message.strip() or "\n" in error.message:
            self.broke("ERROR-2", f"ProtocolError.message is not one line: {error.message!r}")
        if error.code == failure_pb2.PROTOCOL_ERROR_CODE_UNSPECIFIED:
            self.broke("ERROR-2", "a ProtocolError has no code")
        self.seen.sidecar_error = error

    def said_protocol_error(self, error: failure_pb2.ProtocolError) -> None:
        """The core says so."""
        self.seen.core_error = error

    def ended(self, code: int | None, stderr: str) -> None:
        """Look at exit code and last words."""
        error = self.seen.core_error
        if error is None:
            return
        rule = "HELLO-10" if self.seen.welcome is None else "ERROR-3"
        if code is None:
            self.broke(rule, "the sidecar goes on after the core's ProtocolError")
        elif code == 0:
            self.broke(rule, "the sidecar exits with code 0 after the core's ProtocolError")
        if error.message not in stderr:
            self.broke(rule, f"the core's message is not on standard error, where people look for it: {error.message}")
