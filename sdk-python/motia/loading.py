"""Hand-over of the load between the protocol thread and the main thread, which imports the user's files."""

from __future__ import annotations

import queue

from motia._gen.motia.v1 import manifest_pb2, sidecar_pb2
from motia.imports import Imports
from motia.outbox import Outbox
from motia.wire import pack


class Loading:
    """Requests from the protocol thread, answers from the main thread."""

    def __init__(self, outbox: Outbox, imports: Imports) -> None:
        self._outbox = outbox
        self._imports = imports
        self.is_to_tell = False  # the core wants to know what is imported
        # None: the session has ended, nothing will be loaded.
        self.requests: queue.SimpleQueue[manifest_pb2.Warm | manifest_pb2.Load | None] = queue.SimpleQueue()
        self.acks: queue.SimpleQueue[str] = queue.SimpleQueue()

    def announce(self, path: str) -> None:
        """Tell the core which file is imported next, and wait until it has noted that."""
        self._outbox.send(pack(sidecar_pb2.SidecarFrame(loading=manifest_pb2.Loading(path=path))))
        while self.acks.get() != path:
            pass

    def warm(self, warm: manifest_pb2.Warm) -> None:
        """Get ready for a Load that will come."""
        self._imports.ahead(warm.packages)
        self._outbox.send(pack(sidecar_pb2.SidecarFrame(warmed=manifest_pb2.Warmed())))

    def tell(self) -> None:
        """Tell what was imported since the last time."""
        if self.is_to_tell and (imported := self._imports.take()) is not None:
            self._outbox.send(pack(sidecar_pb2.SidecarFrame(imported=imported)))

    def send(self, manifest: manifest_pb2.Manifest) -> None:
        """Answer the Load."""
        self.tell()
        self._outbox.send(pack(sidecar_pb2.SidecarFrame(manifest=manifest)))
