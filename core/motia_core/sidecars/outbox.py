"""What a session is about to send: frames accumulate while the last batch is being written."""

from __future__ import annotations

import asyncio
from collections import deque

from motia_core._gen.motia.v1 import sidecar_pb2

MAX_MESSAGE_BYTES = 64 * 1024 * 1024  # of gRPC, in both directions
MAX_FRAME_BYTES = MAX_MESSAGE_BYTES - 1024 * 1024  # payload of one frame: what is around it is small
BATCH_BYTES = 4 * 1024 * 1024  # payload bytes after which a batch is closed, far below what a sidecar may refuse


class Outbox:
    """Frames for one session, in order. Frames are filled in place: `outbox.frame().welcome.revision = 1`."""

    def __init__(self) -> None:
        self._closed: deque[sidecar_pb2.SessionResponse] = deque()
        self._open = sidecar_pb2.SessionResponse()
        self._bytes = 0
        self._acks: list[int] = []
        self._wake = asyncio.Event()
        self.ended = asyncio.Event()

    def frame(self, payload_bytes: int = 0) -> sidecar_pb2.CoreFrame:
        """A new frame at the end. `payload_bytes`: how much of it is payload, roughly."""
        if payload_bytes:
            if self._bytes + payload_bytes > BATCH_BYTES and self._open.frames:
                self._closed.append(self._open)
                self._open, self._bytes = sidecar_pb2.SessionResponse(), 0
            self._bytes += payload_bytes
        self._wake.set()
        return self._open.frames.add()

    def acknowledge(self, invocation_id: int) -> None:
        """Add to the CompleteAck of the next batch."""
        self._acks.append(invocation_id)
        self._wake.set()

    def end(self) -> None:
        """Nothing more will be added: `take` gives what is left, and then None."""
        self.ended.set()
        self._wake.set()

    async def take(self) -> sidecar_pb2.SessionResponse | None:
        """Wait for frames and take all that have accumulated, up to the batch limit."""
        while True:
            if self._closed:
                return self._closed.popleft()
            if self._acks:
                self.frame().complete_ack.invocation_ids.extend(self._acks)
                self._acks = []
            if self._open.frames:
                batch, self._open, self._bytes = self._open, sidecar_pb2.SessionResponse(), 0
                self._wake.clear()
                return batch
            if self.ended.is_set():
                return None
            self._wake.clear()
            await self._wake.wait()
