"""What the engine needs from the outside, and what the outside may ask of it. Edges meet here and nowhere else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from motia_core.model.event import Backlog, DeadLetter, Delivery
from motia_core.model.failure import Failure
from motia_core.model.http import HttpRequest, HttpResponse
from motia_core.model.invocation import CancelReason, Invocation, Outcome
from motia_core.model.project import Problem, Project
from motia_core.model.step import Step
from motia_core.model.trace import AttemptRecord, TraceContext

# --- what the engine needs -------------------------------------------------------------------------------------


class Sidecars(Protocol):
    """Language sidecars, seen from the engine."""

    def invoke(self, invocation: Invocation) -> Awaitable[Outcome]:
        """Run one attempt and return how it ended.

        Waits for a sidecar of the step's group to have credit, sends the work, and waits for the answer. Never
        retries and knows no deadline: retrying is `delivery`'s decision, deadlines are the invoker's.

        Returns:
            The handler's result, or a Failure; SIDECAR_LOST when the process went away after the attempt
            was sent to it and may have started.

        Raises:
            NoSidecarError: No process of the group runs, and none is starting.
            OverloadedError: Too many attempts of this pool wait for a slot.
            DrainingError: The core is shutting down; the attempt was not started.
            asyncio.CancelledError: The caller gave up; nothing is sent to the sidecar: use `cancel`.

        Source: docs/protocol.md#invoke.
        """
        ...

    def cancel(self, invocation: Invocation, reason: CancelReason, *, signal_only: bool = False) -> None:
        """Ask the sidecar to stop an attempt. Does nothing when the attempt has ended.

        Unless `signal_only`, `invoke` returns a Failure (TIMEOUT or CANCELLED): at once for the api pool, after at
        most the cancel grace for the background pool, so that two attempts of one delivery do not overlap.
        """
        ...

    def acknowledge(self, invocation: Invocation) -> None:
        """Tell the sidecar that the end of a background attempt is on disk."""
        ...

    def on_abandoned(self, ended: Callable[[Invocation, Outcome], None]) -> None:
        """Whom to tell how an attempt ended that nobody waits for any more."""
        ...


class Queue(Protocol):
    """Durable deliveries. Every method returns when its effect is on disk."""

    async def enqueue(self, deliveries: Sequence[Delivery]) -> None:
        """Store new deliveries, all or none.

        Raises:
            StoreFullError, StoreUnavailableError: Nothing was stored.
        """
        ...

    async def complete(self, delivery_id: int) -> None:
        """Remove a delivery that was handled. Unknown ids are ignored."""
        ...

    async def retry(self, delivery: Delivery, failure: Failure, failed_ms: int) -> None:
        """Store the delivery's new `attempt` and `due_ms`, and remember why the attempt before failed."""
        ...

    async def bury(self, delivery: Delivery, failure: Failure, failed_ms: int) -> None:
        """Move the delivery to the dead letters; `failure` is the last of its failures."""
        ...

    async def read(self, step_id: str, *, after_id: int, limit: int) -> list[Delivery]:
        """Deliveries of a step with an id above `after_id`, by id, at most `limit`."""
        ...

    async def backlogs(self) -> list[Backlog]:
        """All steps that have deliveries, known to the project or not."""
        ...


class DeadLetters(Protocol):
    """Deliveries that were given up."""

    async def page(
        self, *, topic: str = "", step_id: str = "", before_id: int = 0, limit: int = 100
    ) -> list[DeadLetter]:
        """Newest first; empty filters match all; `before_id` > 0 continues below that delivery id."""
        ...

    async def get(self, delivery_id: int) -> DeadLetter | None:
        """One dead letter."""
        ...

    async def redrive(self, delivery_ids: Sequence[int]) -> list[Delivery]:
        """Move dead letters back: same id, attempt 1, due at once. Unknown ids are left out of the answer."""
        ...

    async def discard(self, delivery_ids: Sequence[int]) -> int:
        """Delete dead letters; how many there were."""
        ...


class StateStore(Protocol):
    """Groups of keys holding JSON text. Calls on one key take effect in the order they were made."""

    async def get(self, group: str, key: str) -> bytes | None: ...

    async def set(self, group: str, key: str, value: bytes) -> None:
        """Returns when the value is on disk."""
        ...

    async def delete(self, group: str, key: str) -> bytes | None:
        """Remove a value and return it."""
        ...

    async def get_group(self, group: str) -> list[bytes]:
        """All values of exactly this group, ordered by key."""
        ...

    async def clear(self, group: str) -> None: ...


class StreamStore(Protocol):
    """Items of streams: JSON object text by stream, group and id. The store knows nothing of `id`, `_createdAt`
    or `__motia` inside the items; the engine puts them there."""

    async def get(self, stream: str, group: str, item_id: str) -> tuple[bytes, int] | None:
        """The item and when it was first set (ms since the epoch)."""
        ...

    async def set(self, stream: str, group: str, item_id: str, item: bytes, now_ms: int) -> tuple[bool, int]:
        """Write an item; (whether it is new, when it was first set)."""
        ...

    async def delete(self, stream: str, group: str, item_id: str) -> tuple[bytes, int] | None:
        """Remove an item and return it."""
        ...

    async def get_group(self, stream: str, group: str) -> list[tuple[str, bytes, int]]:
        """All items of a group as (id, item, first set ms), oldest first."""
        ...


class TraceStore(Protocol):
    """Recorded attempts, bounded by count and age."""

    def record(self, attempts: list[AttemptRecord]) -> None:
        """Store a batch some time soon. Never blocks and never raises; drops (and counts) when the disk fails."""
        ...

    async def trace(self, trace_id: str) -> list[AttemptRecord]:
        """All recorded attempts of a trace, oldest first."""
        ...

    async def recent(self, *, limit: int = 100, step_id: str = "") -> list[AttemptRecord]:
        """The latest attempts, newest first."""
        ...


# --- what the outside asks of the engine ------------------------------------------------------------------------


class Requests(Protocol):
    """What the ingress asks: run an api step."""

    async def handle(self, step: Step, request: HttpRequest, trace: TraceContext) -> HttpResponse:
        """Run the step's only attempt.

        Raises:
            StepFailedError: The handler failed; details are in the log, not for the caller.
            StepTimeoutError, SidecarLostError, NoSidecarError, OverloadedError, DrainingError,
            StepNotLoadedError: as their docstrings say.
            asyncio.CancelledError: The ingress stopped waiting (client gone); the step's signal fires, and its
                handler is cancelled if the step says so.
        """
        ...


class ContextCalls(Protocol):
    """What a running handler asks through its context. Each returns the CallReply's JSON text (call.proto).

    All raise MotiaError when nothing took effect.
    """

    async def emit(self, invocation: Invocation, topic: str, data: bytes, group_id: str) -> bytes: ...

    async def state_get(self, invocation: Invocation, group: str, key: str) -> bytes: ...

    async def state_set(self, invocation: Invocation, group: str, key: str, value: bytes) -> bytes: ...

    async def state_delete(self, invocation: Invocation, group: str, key: str) -> bytes: ...

    async def state_get_group(self, invocation: Invocation, group: str) -> bytes: ...

    async def state_clear(self, invocation: Invocation, group: str) -> bytes: ...

    async def stream_get(self, invocation: Invocation, stream: str, group: str, item_id: str) -> bytes: ...

    async def stream_set(self, invocation: Invocation, stream: str, group: str, item_id: str, data: bytes) -> bytes: ...

    async def stream_delete(self, invocation: Invocation, stream: str, group: str, item_id: str) -> bytes: ...

    async def stream_get_group(self, invocation: Invocation, stream: str, group: str) -> bytes: ...

    async def stream_send(
        self, invocation: Invocation, stream: str, group: str, item_id: str, event_type: str, data: bytes
    ) -> bytes: ...


class Administration(Protocol):
    """What the management API asks."""

    async def emit(self, topic: str, data: bytes, group_id: str) -> tuple[str, int]:
        """Publish an event from outside; (trace id, number of subscribers)."""
        ...

    async def redrive(self, delivery_ids: Sequence[int]) -> int:
        """Bring dead letters back and deliver them; how many."""
        ...

    def health(self) -> dict[str, object]:
        """What /__motia/health answers: status, durability, sidecars, counts. JSON-able."""
        ...


class Log(Protocol):
    """Where log records of user code and of the core go."""

    def record(
        self,
        level: str,
        message: str,
        *,
        step: str = "",
        trace_id: str = "",
        time_ms: int = 0,
        fields: bytes = b"",
    ) -> None:
        """Write one record. Level: debug, info, warn or error; fields: JSON object text or empty. Never raises."""
        ...


class Console(Log, Protocol):
    """Where a serving core shows what it does. Never blocks and never raises."""

    def found(self, project: Project) -> None:
        """The project is loaded: what is in it, and what is wrong with it."""
        ...

    def ready(self, urls: Sequence[str], seconds: float) -> None:
        """Requests are answered from now on; how long that took."""
        ...

    def problem(self, problem: Problem) -> None:
        """Something is wrong with a file, found after the start."""
        ...

    def stopping(self, reason: str, *, again: bool) -> None:
        """The core was told to stop: `reason` says how, `again` that it was not the first time."""
        ...
