"""Watches responses that go out piece by piece."""

from __future__ import annotations

from motia_core._gen.motia.v1 import invoke_pb2
from motia_core.conformance.wire.judging.seen import Watcher


class Streaming(Watcher):
    """STREAM-2, STREAM-3, STREAM-6 and what of HELLO-8 is about them."""

    def heard_response_start(self, start: invoke_pb2.ResponseStart) -> None:
        """Once, and only for api steps."""
        attempt = self.seen.attempts.get(start.invocation_id)
        if not self.seen.shares("streamed-responses"):
            self.broke("HELLO-8", "ResponseStart was sent to a core without the capability streamed-responses")
        if attempt is None or attempt.invoke.WhichOneof("trigger") != "http":
            self.broke("STREAM-2", f"ResponseStart names {start.invocation_id}, which is no api step's")
            return
        if attempt.streaming or attempt.is_over:
            self.broke("STREAM-2", f"ResponseStart of {start.invocation_id} came twice, or after its end")
        if start.lease_token != attempt.invoke.lease_token:
            self.broke("INVOKE-2", f"the lease_token of ResponseStart {start.invocation_id} is not that of its Invoke")
        attempt.streaming = True
        attempt.slot_is_free = True

    def heard_response_chunk(self, chunk: invoke_pb2.ResponseChunk) -> None:
        """Within the window."""
        attempt = self.seen.attempts.get(chunk.invocation_id)
        if attempt is None or not attempt.streaming:
            self.broke("STREAM-2", f"a chunk of {chunk.invocation_id} came before its ResponseStart")
            return
        if attempt.complete is not None:
            self.broke("STREAM-5", f"a chunk of {chunk.invocation_id} came after its Complete")
        if not chunk.data:
            self.broke("STREAM-3", f"an empty chunk of {chunk.invocation_id} was sent")
        before = attempt.streamed_bytes - attempt.acknowledged_bytes
        attempt.streamed_bytes += len(chunk.data)
        window = self.seen.welcome.chunk_window_bytes if self.seen.welcome is not None else 0
        if window and before > 0 and before + len(chunk.data) > window:
            self.broke(
                "STREAM-3",
                f"{before + len(chunk.data)} bytes of {chunk.invocation_id} are on the way; "
                f"Welcome.chunk_window_bytes is {window}",
            )

    def said_chunk_ack(self, ack: invoke_pb2.ChunkAck) -> None:
        """They have gone on."""
        if attempt := self.seen.attempts.get(ack.invocation_id):
            attempt.acknowledged_bytes = ack.total_bytes
