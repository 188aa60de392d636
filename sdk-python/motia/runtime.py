"""What every context of this process shares."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace

from motia._gen.motia.v1 import lifecycle_pb2
from motia.calls import Calls
from motia.outbox import Outbox
from motia.telemetry import Telemetry
from motia.threads import Threads

SYNC_HANDLERS = 64  # threads; more sync attempts than that wait for one
UNBOUNDED = 1 << 30


@dataclass(slots=True)
class Runtime:
    """Made once in main."""

    user_loop: asyncio.AbstractEventLoop
    log_level: int
    outbox: Outbox = field(default_factory=Outbox)
    telemetry: Telemetry = field(default_factory=Telemetry)
    threads: Threads = field(default_factory=lambda: Threads("motia-handler", SYNC_HANDLERS))
    # Sync parts of a chain that is async elsewhere. A limit here could deadlock: one may wait for another.
    nested_threads: Threads = field(default_factory=lambda: Threads("motia-middleware", UNBOUNDED))
    stream_names: frozenset[str] = frozenset()
    max_payload_bytes: int = 0
    can_stream: bool = False  # the core takes bodies piece by piece
    takes_several: bool = False  # steps of one file
    chunk_window_bytes: int = 0  # of one such body on the way
    validates: bool = False  # input is compared with schemas,
    is_strict: bool = False  # and no handler gets what violates them
    calls: Calls = field(init=False)

    def renewed(self) -> Runtime:
        """For the next session: with nothing on its way, in either direction."""
        return replace(self, outbox=Outbox(), stream_names=frozenset())

    def welcome(self, welcome: lifecycle_pb2.Welcome) -> None:
        """What the core said of itself."""
        self.max_payload_bytes = welcome.max_payload_bytes
        self.can_stream = "streamed-responses" in welcome.capabilities
        self.takes_several = "several-steps" in welcome.capabilities
        self.chunk_window_bytes = welcome.chunk_window_bytes
        self.is_strict = welcome.validation == lifecycle_pb2.VALIDATION_STRICT
        self.validates = welcome.validation != lifecycle_pb2.VALIDATION_UNSPECIFIED

    def __post_init__(self) -> None:
        self.calls = Calls(self.outbox)
