"""What takes effect together: one transaction, all of it or nothing."""

from __future__ import annotations

from dataclasses import dataclass, field

from motia_core.model.event import Delivery, Remembered, Signal
from motia_core.model.stream import Address


@dataclass(frozen=True, slots=True)
class StateWrite:
    """A new value of one key."""

    group: str
    key: str
    value: bytes | None  # JSON text; None: the key is removed
    version: int = 0  # the version that the value gets: an id
    expires_ms: int | None = 0  # when the value is gone; 0: it stays; None: as before, with a condition
    expected_version: int | None = None  # a condition: the version that the key has now, 0 for none; None: any


@dataclass(frozen=True, slots=True)
class StateClear:
    """A whole group is removed."""

    group: str


@dataclass(frozen=True, slots=True)
class StreamWrite:
    """A new item of a stream."""

    address: Address
    item: bytes | None  # JSON object text; None: the item is removed
    created_ms: int = 0  # when the item is new
    expires_ms: int = 0  # when it is removed; 0: it stays
    max_items: int = 0  # of its group: the oldest make room for it; 0: any number
    expected_version: int | None = None  # a condition: the version that the item has now, 0 for none; None: any


@dataclass(frozen=True, slots=True)
class StreamEvent:
    """An event for those who watch a stream."""

    address: Address
    event: bytes  # JSON object text: type and data


@dataclass(frozen=True, slots=True)
class UniqueKey:
    """A condition: nobody has used the key, or it has expired. It is used then."""

    scope: str  # topic of an idempotency key; "cron" for due times
    key: str
    expires_ms: int


@dataclass(slots=True)
class Effects:
    """What one transaction does. Conditions come first: when one of them does not hold, nothing is done."""

    unique: list[UniqueKey] = field(default_factory=list)
    answers: list[tuple[int, str]] = field(default_factory=list)  # (delivery id, key) of waits that must still be there
    state: list[StateWrite | StateClear] = field(default_factory=list)  # in order; those with a condition first
    streams: list[StreamWrite | StreamEvent] = field(default_factory=list)  # in order
    deliveries: list[Delivery] = field(default_factory=list)
    signals: list[Signal] = field(default_factory=list)
    remembered: list[Remembered] = field(default_factory=list)
    wakes: list[int] = field(default_factory=list)  # deliveries that are due at once from now on
    # The delivery that ends with this, with what is remembered of it; 0: none. A condition, too: it must still be
    # there, so that effects never take effect twice.
    completes: int = 0
