"""The ports of what people look at: what was recorded, and lists that no handler asks for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from motia_core.model.event import Delivery, QueueCount
from motia_core.model.recording import Details, Packed
from motia_core.model.trace import AttemptRecord, LogFilter, LogRecord, RunFilter, RunRecord, SpanRecord

Write = tuple[str, int]  # part of the state, id of the attempt


class Inspection(Protocol):
    """What people look at. Lists are in the order of the name, above `after`; `prefix` "" matches all."""

    async def state_groups(self, now_ms: int, *, prefix: str, after: str, limit: int) -> list[tuple[str, int]]:
        """Groups of state, and how many keys they have."""
        ...

    async def stream_groups(
        self, stream: str, now_ms: int, *, prefix: str, after: str, limit: int
    ) -> list[tuple[str, int]]:
        """Groups of a stream, and how many items they have."""
        ...

    async def queues(self, now_ms: int) -> list[QueueCount]:
        """Steps that have deliveries or dead letters, known to the project or not."""
        ...

    async def queues_by_topic(self, now_ms: int) -> list[QueueCount]:
        """The same for each of their topics."""
        ...

    async def deliveries(self, step_id: str, *, after_id: int, limit: int) -> list[Delivery]:
        """Deliveries of a step, oldest first."""
        ...


class TraceStore(Protocol):
    """Recorded attempts, the runs that they are of, and log records; bounded by count, age and size."""

    def record(
        self, attempts: list[AttemptRecord], details: Details | None = None, writes: Sequence[Write] = ()
    ) -> None:
        """Store a batch some time soon. Never blocks and never raises; drops (and counts) when the disk fails.

        Args:
            details: Of these attempts, which all name the same batch: see model/recording.py.
            writes: What of the state they have written.
        """
        ...

    def log(self, records: list[LogRecord]) -> None:
        """The same for log records."""
        ...

    def spans(self, records: list[SpanRecord]) -> None:
        """The same for spans."""
        ...

    async def trace(self, trace_id: str) -> list[AttemptRecord]:
        """All recorded attempts of a trace, oldest first."""
        ...

    async def writers(self, targets: Sequence[str], *, before_id: int = 0, limit: int = 100) -> list[AttemptRecord]:
        """Attempts that have written one of these parts of the state ("group/key", or "group": all of it), newest
        first."""
        ...

    async def spans_of(self, trace_id: str) -> list[SpanRecord]:
        """The spans of a trace, in the order in which they came."""
        ...

    async def recent(self, *, limit: int = 100, step_id: str = "") -> list[AttemptRecord]:
        """The latest attempts, newest first."""
        ...

    async def since(self, started_ms: int, *, limit: int) -> list[AttemptRecord]:
        """Attempts that began at or after a time, newest first."""
        ...

    async def attempt(self, attempt_id: int) -> AttemptRecord | None:
        """One attempt."""
        ...

    async def details(self, attempt_ids: Sequence[int]) -> dict[int, Packed]:
        """What is kept of attempts beside their records, by id."""
        ...

    async def runs(self, wanted: RunFilter, *, before_id: int = 0, limit: int = 100) -> list[RunRecord]:
        """Runs, newest first; `before_id` > 0 continues below that `first_id`."""
        ...

    async def runs_of(self, trace_ids: Sequence[str], wanted: RunFilter) -> list[RunRecord]:
        """Of these, the runs that are recorded and wanted, in the order of the ids."""
        ...

    async def run(self, trace_id: str) -> RunRecord | None:
        """One run."""
        ...

    async def logs(self, wanted: LogFilter, *, before_id: int = 0, limit: int = 100) -> list[LogRecord]:
        """Log records, newest first."""
        ...

    async def clear(self) -> None:
        """Forget all attempts and runs."""
        ...

    async def clear_logs(self) -> None:
        """Forget all log records."""
        ...
