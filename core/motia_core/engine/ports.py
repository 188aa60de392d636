"""What the engine needs from the outside: stores, sidecars, other cores, a log. What it offers is in services.py."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from motia_core.model.effects import Effects
from motia_core.model.event import Backlog, DeadLetter, Delivery, Remembered, Signal, Wait
from motia_core.model.failure import Failure
from motia_core.model.invocation import CancelReason, Invocation, Outcome
from motia_core.model.project import Project
from motia_core.model.stream import Address, Change, Member, Snapshot, StoredItem
from motia_core.model.versions import Update

Key = tuple[int, int]  # of an order: (-priority, id) or (due_ms, id)


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
    """Durable deliveries. Every method that writes returns when its effect is on disk; all raise StoreFullError or
    StoreUnavailableError when nothing of it was done."""

    async def enqueue(self, deliveries: Sequence[Delivery]) -> None:
        """Store new deliveries, all or none."""
        ...

    async def commit(self, effects: Effects) -> bool:
        """Do all of it, or nothing; False: nothing, because a condition does not hold."""
        ...

    async def complete(self, delivery: Delivery) -> None:
        """Remove a delivery that was handled, with what is remembered of it. Unknown ones are ignored."""
        ...

    async def retry(self, delivery: Delivery, failure: Failure, failed_ms: int) -> None:
        """Store the delivery's new `attempt` and `due_ms`, and remember why the attempt before failed."""
        ...

    async def bury(self, delivery: Delivery, failure: Failure, failed_ms: int, heard: Sequence[Delivery] = ()) -> None:
        """Move the delivery to the dead letters; `failure` is the last of its failures. What is remembered of it stays.

        Args:
            heard: Deliveries for those who subscribe to dead letters; stored in the same transaction.
        """
        ...

    async def suspend(self, delivery: Delivery, until: Remembered | Wait) -> bool:
        """Store the delivery's new `due_ms`, and either what it will remember when it wakes, or what it waits for.
        False: nothing was done, the key is remembered already; by an earlier try, or its wait was answered."""
        ...

    async def remembered(self, delivery_id: int) -> list[Remembered]:
        """What is remembered of a delivery."""
        ...

    async def read_due(self, step_id: str, shards: Sequence[int], *, after: Key, limit: int) -> list[Delivery]:
        """Deliveries of a step in these shards with due_ms 0 and without a lane, by (-priority, id), after `after`."""
        ...

    async def read_later(self, step_id: str, shards: Sequence[int], *, after: Key, limit: int) -> list[Delivery]:
        """Deliveries of a step in these shards with another due_ms, and without a lane, by (due_ms, id)."""
        ...

    async def read_lanes(self, step_id: str, *, after_lane: str, limit: int) -> list[str]:
        """Lanes of a step that hold deliveries, by name."""
        ...

    async def read_lane(self, step_id: str, lane: str, *, after_id: int, limit: int) -> list[Delivery]:
        """Deliveries of a lane, by id."""
        ...

    async def read(self, delivery_ids: Sequence[int]) -> list[Delivery]:
        """These deliveries, as far as they are there."""
        ...

    async def backlogs(self) -> list[Backlog]:
        """All steps that have deliveries, known to the project or not."""
        ...

    async def waits(self, topic: str = "") -> list[Wait]:
        """All waits for a topic (empty: for any), of all cores."""
        ...

    async def waited_topics(self) -> list[str]:
        """Topics that handlers have ever waited for."""
        ...

    async def signals(self, topic: str, *, after_id: int) -> list[Signal]:
        """What was emitted to a topic that is waited for, by id, as long as it is kept."""
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

    async def ids(self, *, topic: str = "", step_id: str = "", after_id: int = 0, limit: int = 1000) -> list[int]:
        """Delivery ids, oldest first, above `after_id`: for those who act on all of them, page by page."""
        ...

    async def count(self, *, topic: str = "", step_id: str = "") -> int:
        """How many there are."""
        ...

    async def redrive(self, delivery_ids: Sequence[int], data: bytes | None = None) -> list[Delivery]:
        """Move dead letters back: same id, attempt 1, due at once, with `data` instead of their own if given; what
        they remember stays. The homes of their steps run them. Unknown ids are left out of the answer."""
        ...

    async def discard(self, delivery_ids: Sequence[int]) -> int:
        """Delete dead letters, with what is remembered of them; how many there were."""
        ...


class StateStore(Protocol):
    """Groups of keys holding JSON text. Calls on one key take effect in the order they were made. What has expired is
    not there, removed already or not."""

    async def get(self, group: str, key: str) -> tuple[bytes, int] | None:
        """The value and its version."""
        ...

    async def set(self, group: str, key: str, value: bytes, *, version: int, expires_ms: int = 0) -> None:
        """Returns when the value is on disk.

        Args:
            version: Of the new value: an id, different from all before.
            expires_ms: When the value is gone, in ms since the epoch; 0: it stays.
        """
        ...

    async def compare_and_set(
        self, group: str, key: str, value: bytes | None, *, expected: int, version: int, expires_ms: int | None = None
    ) -> bool:
        """Write (None: remove) if the key has the expected version (0: no value); whether it had.

        Args:
            expires_ms: None leaves it as it is.
        """
        ...

    async def delete(self, group: str, key: str) -> bytes | None:
        """Remove a value and return it."""
        ...

    async def get_group(self, group: str) -> list[tuple[str, bytes]]:
        """All keys and values of exactly this group, ordered by key."""
        ...

    async def page(self, group: str, *, prefix: str, after_key: str, limit: int) -> list[tuple[str, bytes]]:
        """Keys that start with a prefix, and their values, ordered by key, after `after_key` ("" for the first)."""
        ...

    async def clear(self, group: str) -> None: ...


class Retention(Protocol):
    """What is kept for a time only. Each returns how many rows it has removed, at most `limit`."""

    async def expire(self, now_ms: int, *, limit: int = 1000) -> int:
        """Remove state values, unique keys and signals whose time is over."""
        ...

    async def trim_dead_letters(self, *, keep: int, oldest_ms: int, limit: int = 1000) -> int:
        """Remove the oldest dead letters above a number, and those from before a time."""
        ...


class Cluster(Protocol):
    """The cores that share the store. With a store of its own a core is alone, and the home of every step."""

    shard: int  # of deliveries that this core makes for itself
    shards: Sequence[int]  # whose deliveries this core runs: its own and those of dead cores; 0 for steps it is home of

    def is_home(self, step_id: str) -> bool:
        """Whether this core runs the deliveries of a step that needs a home."""
        ...

    async def claim_homes(self, step_ids: Sequence[str]) -> None:
        """Become the home of those steps that have none."""
        ...

    def peers(self) -> Sequence[int]:
        """Shards of the other live cores."""
        ...

    async def tell(self, deliveries: Sequence[Delivery]) -> None:
        """Deliveries on disk are for other cores: tell them."""
        ...

    async def announce(self, topic: str) -> None:
        """A topic is waited for: have the other cores keep its events."""
        ...

    def listen(
        self,
        hear: Callable[[Sequence[int]], None],
        changed: Callable[[], None],
        announced: Callable[[str], None],
    ) -> None:
        """Whom to tell: of delivery ids that others have stored; that shards or homes have come to this core, or
        something may have been missed (the connection was lost); of a topic that is waited for."""
        ...


class StreamStore(Protocol):
    """Items of streams, and the log of what happens to them. The store knows nothing of `id`, `_createdAt` or
    `__motia` inside the items; the engine puts them there. What has expired is not there, removed already or not.

    Every write is a change with a sequence, in one order for all streams and all cores.
    """

    async def get(self, address: Address) -> StoredItem | None:
        """One item."""
        ...

    async def set(self, address: Address, item: bytes, *, ttl_ms: int = 0, max_items: int = 0) -> StoredItem:
        """Write an item.

        Args:
            ttl_ms: After so long it is removed; 0: it stays.
            max_items: Of the group: the oldest of more are removed; 0: any number.
        """
        ...

    async def compare_and_set(
        self, address: Address, item: bytes | None, *, expected: int, ttl_ms: int = 0, max_items: int = 0
    ) -> StoredItem | None:
        """Write an item (None: remove it) if it has the expected version (0: there is none); what is there then, with
        the item b"" when it was removed. None: it had another version."""
        ...

    async def delete(self, address: Address) -> StoredItem | None:
        """Remove an item and return it."""
        ...

    async def get_group(self, stream: str, group: str) -> list[StoredItem]:
        """All items of a group, oldest first."""
        ...

    async def page(self, stream: str, group: str, *, after: int, limit: int) -> list[tuple[int, StoredItem]]:
        """Items of a group, oldest first, each with its place, above the place `after` (0: from the first)."""
        ...

    async def send(self, address: Address, event: bytes) -> None:
        """Log an event: JSON object text with type and data."""
        ...

    async def snapshot(self, address: Address) -> Snapshot:
        """What is there now."""
        ...

    async def changes(self, address: Address, *, after: int, limit: int) -> tuple[int, list[Change]] | None:
        """Everything that happened since, and up to which sequence that is; None: there is more than `limit`, or not
        all of it is kept. For a group the changes of its items are among them, those of members are not."""
        ...

    async def join(self, address: Address, member: Member) -> None:
        """A member came to the group, on this core; or it has other info now."""
        ...

    async def leave(self, address: Address, member_id: str) -> None:
        """A member left. Those of a core that is gone leave by themselves."""
        ...

    async def members(self, address: Address) -> list[Member]:
        """Who is in the group."""
        ...

    async def follow(self, hear: Callable[[Sequence[Change], int], None]) -> int:
        """Whom to tell of every change from now on, of all cores, in order, once each, and up to which sequence they
        have been told with them. Returns from where on."""
        ...

    async def unfollow(self) -> None:
        """Tell nobody any more."""
        ...

    def look(self) -> None:
        """There may be changes that were not told yet: look now."""
        ...

    async def expire(self, *, limit: int) -> tuple[int, int]:
        """Remove items whose time is over; how many, and when the next one's is (ms since the epoch, 0: never)."""
        ...

    async def trim(self, *, keep: int, oldest_ms: int, limit: int) -> int:
        """Forget the oldest changes above a number, and those from before a time; how many."""
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

    def reloaded(self, update: Update) -> None:
        """The project has changed, and what of it can be served is served now."""
        ...

    def stopping(self, reason: str, *, again: bool) -> None:
        """The core was told to stop: `reason` says how, `again` that it was not the first time."""
        ...
