"""Hand-over of the load between the protocol thread and the main thread, which imports the user's files."""

from __future__ import annotations

import queue

from motia._gen.motia.v1 import manifest_pb2, sidecar_pb2
from motia.outbox import Outbox
from motia.wire import pack


class Loading:
    """Requests from the protocol thread, answers from the main thread."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        # None: the session has ended, nothing will be loaded.
        self.requests: queue.SimpleQueue[manifest_pb2.Load | None] = queue.SimpleQueue()
        self.acks: queue.SimpleQueue[str] = queue.SimpleQueue()

    def announce(self, path: str) -> None:
        """Tell the core which file is imported next, and wait until it has noted that."""
        self._outbox.send(pack(sidecar_pb2.SidecarFrame(loading=manifest_pb2.Loading(path=path))))
        while self.acks.get() != path:
            pass

    def send(self, manifest: manifest_pb2.Manifest) -> None:
        """Answer the Load."""
        self._outbox.send(pack(sidecar_pb2.SidecarFrame(manifest=manifest)))
