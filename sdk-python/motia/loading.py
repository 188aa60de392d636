"""Hand-over of the load between the protocol thread and the main thread, which imports the user's files."""

from __future__ import annotations

import queue
import threading

from motia._gen.motia.v1 import manifest_pb2, sidecar_pb2
from motia.imports import Imports
from motia.outbox import Outbox
from motia.wire import pack


class Loading:
    """Requests from the protocol thread, answers from the main thread. Lives longer than a session."""

    def __init__(self, outbox: Outbox, imports: Imports) -> None:
        self.outbox = outbox  # of the session that there is now
        # Of the session whose Load is to be answered: an import may outlive the session that asked for it, and a later
        # one is not to hear of it before its own Load.
        self._asked = outbox
        self._lock = threading.Lock()  # between a Load and what answers it: one of them sends, not both
        self._imports = imports
        self.is_to_tell = False  # the core wants to know what is imported
        self.digest: str | None = None  # of what is loaded, or being loaded
        self._announced: bytes | None = None  # the core has not noted it yet
        self._manifest: bytes | None = None
        # None: the session has ended, nothing will be loaded.
        self.requests: queue.SimpleQueue[manifest_pb2.Warm | manifest_pb2.Load | None] = queue.SimpleQueue()
        self.acks: queue.SimpleQueue[str] = queue.SimpleQueue()

    def ask(self, load: manifest_pb2.Load) -> None:
        """Answer a Load: of a later session as that of the first one, which had the same digest."""
        with self._lock:
            self._asked = self.outbox
            if self.digest is None:
                self.digest = load.digest
                self.requests.put(load)
            elif (frame := self._manifest or self._announced) is not None:
                self._asked.send(frame)

    def announce(self, path: str) -> None:
        """Tell the core which file is imported next, and wait until it has noted that."""
        with self._lock:
            self._announced = pack(sidecar_pb2.SidecarFrame(loading=manifest_pb2.Loading(path=path)))
            self._asked.send(self._announced)
        while self.acks.get() != path:
            pass

    def warm(self, warm: manifest_pb2.Warm) -> None:
        """Get ready for a Load that will come."""
        self._imports.ahead(warm.packages)
        self.outbox.send(pack(sidecar_pb2.SidecarFrame(warmed=manifest_pb2.Warmed())))

    def tell(self) -> None:
        """Tell what was imported since the last time."""
        if self.is_to_tell and (imported := self._imports.take()) is not None:
            self.outbox.send(pack(sidecar_pb2.SidecarFrame(imported=imported)))

    def send(self, manifest: manifest_pb2.Manifest) -> None:
        """Answer the Load."""
        self.tell()
        with self._lock:
            self._manifest = pack(sidecar_pb2.SidecarFrame(manifest=manifest))
            self._asked.send(self._manifest)
