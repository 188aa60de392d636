"""What the engine offers to the edges: requests, context calls, administration. What it needs is in ports.py."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from motia_core.model.event import EmitOptions
from motia_core.model.http import HttpRequest, HttpResponse, SocketMessage
from motia_core.model.invocation import Invocation
from motia_core.model.step import Step
from motia_core.model.stream import Address, Member, StreamMessage
from motia_core.model.stream_frame import Frame
from motia_core.model.trace import TraceContext


@dataclass(frozen=True, slots=True)
class CronInfo:
    """A cron step as the management API shows it."""

    step: Step
    next_ms: tuple[int, ...]  # its next due times
    last_ms: int  # the due time that ran last since the start; 0: none
    is_paused: bool = False  # its due times pass


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


class Watcher(Protocol):
    """A client of streams, as the feed sees it."""

    def deliver(self, frame: Frame) -> None:
        """Take a frame for the client, and return at once. One that cannot keep up is the watcher's to end."""
        ...


@dataclass(frozen=True, slots=True)
class Joined:
    """A subscription has begun."""

    sequence: int  # it has everything up to here
    is_resumed: bool  # and got what it had missed, not everything
    members: tuple[Member, ...] = ()  # when it is one of them


class Feed(Protocol):
    """Brings the changes of streams to those who watch."""

    async def join(self, watcher: Watcher, address: Address, *, after: int = 0, member: Member | None = None) -> Joined:
        """Have a watcher get what is there, and every change from then on, until it leaves.

        Before this returns it got either the changes since `after`, or a sync. For a watcher that has joined the same
        address before: the same once more.

        Args:
            after: The sequence that it has; 0: it has nothing.
            member: It is seen by the other members, and hears of them.

        Raises:
            StoreError: It did not join.
        """
        ...

    async def leave(self, watcher: Watcher, address: Address, member_id: str = "") -> None:
        """It gets no more of this; nothing happens when it had not joined."""
        ...


class InternalStreams(Feed, Protocol):
    """Streams that show what the core keeps, to those who may use its management API. Read-only, and without resume or
    presence: `after` and `member` of `join` do nothing."""

    def has(self, stream: str) -> bool:
        """Whether a name is that of an internal stream. One of the project that has the name comes first."""
        ...

    def check(self, url: str, headers: list[str]) -> None:
        """Let a client read them, or say why not.

        Args:
            url: Path and query of its request.
            headers: Lower-case name, value, name, value; each name once.

        Raises:
            UnauthorizedError, ForbiddenError: It may not.
        """
        ...


class StreamAccess(Protocol):
    """Asks the project who may do what with streams. A hook that fails, or cannot be asked, is a no."""

    async def authenticate(self, url: str, headers: list[str]) -> bytes:
        """The auth context of a client that connects, as JSON text; empty: the project has no streamAuth.

        Args:
            url: Path and query.
            headers: Lower-case name, value, name, value; each name once.

        Raises:
            StreamAuthError: It may not connect.
        """
        ...

    async def admit(self, address: Address, auth: bytes, connection_id: str) -> bytes:
        """Ask canAccess and onJoin; what the other members are to see, as JSON object text, empty: onJoin does not say.

        Raises:
            NotAvailableError: There is no such stream.
            StreamAccessError: It may not subscribe.
        """
        ...

    async def left(self, address: Address, auth: bytes, connection_id: str) -> None:
        """Tell onLeave that a subscription that was admitted has ended. Never raises."""
        ...

    async def send(self, address: Address, auth: bytes, connection_id: str, message: StreamMessage) -> None:
        """Hand a message to the project's steps; it is durable then.

        Raises:
            MessageRefusedError: The stream takes none, or canSend said no.
            MessageInvalidError: It is not what the stream asks for.
            StoreError: It was not stored.
        """
        ...


class ContextCalls(Protocol):
    """What a running handler asks through its context. Each returns the CallReply's JSON text (call.proto).

    All raise MotiaError when nothing took effect.
    """

    async def emit(self, invocation: Invocation, topic: str, data: bytes, options: EmitOptions) -> bytes: ...

    async def remember(self, invocation: Invocation, key: str, value: bytes) -> bytes: ...

    async def state_get(self, invocation: Invocation, group: str, key: str) -> bytes: ...

    async def state_set(self, invocation: Invocation, group: str, key: str, value: bytes, ttl_ms: int) -> bytes: ...

    async def state_get_versioned(self, invocation: Invocation, group: str, key: str) -> bytes: ...

    async def state_update(self, invocation: Invocation, group: str, key: str, operations: bytes) -> bytes: ...

    async def state_compare_and_set(
        self, invocation: Invocation, group: str, key: str, expected: int, value: bytes, ttl_ms: int
    ) -> bytes: ...

    async def state_list(self, invocation: Invocation, group: str, prefix: str, cursor: str, limit: int) -> bytes: ...

    async def state_groups(self, invocation: Invocation) -> bytes: ...

    async def stream_groups(self, invocation: Invocation, stream: str) -> bytes: ...

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

    async def stream_update(
        self, invocation: Invocation, stream: str, group: str, item_id: str, operations: bytes
    ) -> bytes: ...

    async def stream_list(self, invocation: Invocation, stream: str, group: str, cursor: str, limit: int) -> bytes: ...

    async def socket_send(
        self, invocation: Invocation, connection_id: str, path: str, message: SocketMessage, excluded: Collection[str]
    ) -> bytes: ...

    async def socket_close(self, invocation: Invocation, connection_id: str, code: int, reason: str) -> bytes: ...


class Administration(Protocol):
    """What the management API asks."""

    async def emit(self, topic: str, data: bytes, options: EmitOptions) -> tuple[str, int]:
        """Publish an event from outside; (trace id, number of subscribers)."""
        ...

    async def redrive(self, delivery_ids: Sequence[int], data: bytes | None = None) -> int:
        """Bring dead letters back and deliver them, with other data if given; how many."""
        ...

    async def redrive_all(self, *, topic: str = "", step_id: str = "", data: bytes | None = None) -> int:
        """Bring back all dead letters that are there now, with other data if given; how many."""
        ...

    async def discard_all(self, *, topic: str = "", step_id: str = "") -> int:
        """Delete all dead letters that are there now; how many."""
        ...

    async def run_cron(self, step_id: str) -> str:
        """Run a cron step now, as if it were due; the trace id.

        Raises:
            UnknownStepError: There is no such cron step.
        """
        ...

    def waiting(self) -> Counter[str]:
        """How many deliveries wait of each trace, as far as this core has them in memory."""
        ...

    def cron(self) -> list[CronInfo]:
        """All cron steps with their next due times; none of these where schedules are not followed (cron_enabled)."""
        ...

    @property
    def paused(self) -> frozenset[str]:
        """Ids of the steps that are paused."""
        ...

    async def pause(self, step_id: str) -> None:
        """Start nothing of an event step, and let the due times of a cron step pass, until it is resumed, on all cores.

        Raises:
            UnknownStepError: There is no such event or cron step.
            StoreError: It is not paused.
        """
        ...

    async def resume(self, step_id: str) -> None:
        """Go on with a step that was paused.

        Raises:
            StoreError: It is still paused.
        """
        ...

    async def restart_sidecars(self, group: str) -> int:
        """Replace the processes of a language group, each as soon as another has come up; how many.

        Raises:
            NotAvailableError: There is no such group.
            SidecarStartError: No other came up; those that run go on.
        """
        ...

    def awaited_sidecars(self) -> list[str]:
        """The language groups of which the first sidecar has not attached yet: nothing is served until it has."""
        ...

    def sidecars(self) -> list[dict[str, object]]:
        """The processes that run steps, for GET /__motia/sidecars."""
        ...

    def health(self) -> dict[str, object]:
        """What /__motia/health answers: status, durability, sidecars, counts. JSON-able."""
        ...
