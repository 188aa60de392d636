"""What every context of this process shares."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

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
    calls: Calls = field(init=False)

    def __post_init__(self) -> None:
        self.calls = Calls(self.outbox)
