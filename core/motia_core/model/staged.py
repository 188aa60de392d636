"""What an atomic step has done so far: held back until its completion, seen by itself at once."""

from __future__ import annotations

from dataclasses import dataclass, field

from motia_core.model.effects import UniqueKey
from motia_core.model.event import Delivery, Signal
from motia_core.model.stream import Address
from motia_core.model.trace import TraceContext

Operations = bytes  # JSON array, as in StateUpdate.operations
StateKey = tuple[str, str]  # group, key


@dataclass(slots=True)
class StagedValue:
    """One key of state."""

    value: bytes | None  # as the step sees it; None: there is none
    version: int  # as the step sees it; 0: there is no value
    expires_ms: int = 0
    updates: list[Operations] = field(default_factory=list)  # on what the store holds at the end; else `value` is set
    expected_version: int | None = None  # the store must still hold it at the end


@dataclass(slots=True)
class StagedItem:
    """One item of a stream."""

    item: bytes | None  # None: it is removed
    created_ms: int = 0
    ttl_ms: int = 0
    max_items: int = 0
    updates: list[Operations] = field(default_factory=list)  # on what the store holds at the end; else `item` is set


@dataclass(slots=True)
class StagedEmit:
    """One event."""

    deliveries: list[Delivery]
    signal: Signal | None
    unique: UniqueKey | None


@dataclass(slots=True)
class Staged:
    """Everything, by kind."""

    emits: list[StagedEmit] = field(default_factory=list)
    cleared: set[str] = field(default_factory=set)  # groups of state: what the store holds of them is not seen
    state: dict[StateKey, StagedValue] = field(default_factory=dict)
    items: dict[Address, StagedItem] = field(default_factory=dict)
    stream_events: list[tuple[Address, bytes]] = field(default_factory=list)
    by: TraceContext | None = None  # of the attempt; None: nobody will be told of it

    def __bool__(self) -> bool:
        return bool(self.emits or self.cleared or self.state or self.items or self.stream_events)
