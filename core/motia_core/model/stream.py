"""Streams: their definitions, their items, and what happens to these."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import NamedTuple

from motia_core.model.schema import Schema
from motia_core.model.step import Step, StepType

HOOK_TIMEOUT_MS = 10_000  # somebody waits for the answer, and is refused without one
OWN_KEYS = frozenset({"id", "_createdAt", "__motia"})  # added to every item that is read


class StreamHookKind(IntEnum):
    """What is asked of a stream's file, or of the project's config; the numbers of StreamHookKind in invoke.proto."""

    AUTHENTICATE = 1
    CAN_ACCESS = 2
    CAN_SEND = 3
    JOIN = 4
    LEAVE = 5


@dataclass(frozen=True, slots=True)
class Messages:
    """What becomes of messages from clients."""

    topic: str  # they are events of it
    schema: Schema | None = field(default=None, compare=False)  # of a message's data


@dataclass(frozen=True, slots=True)
class Stream:
    """One stream definition."""

    name: str
    path: str
    language: str
    group: str
    schema: Schema | None = field(default=None, compare=False)  # of its items
    ttl_ms: int = 0  # an item is removed so long after it was last set; 0: it stays
    max_items: int = 0  # of a group: the oldest are removed; 0: any number
    has_presence: bool = False  # who subscribes can be seen by the others
    messages: Messages | None = None  # None: clients may send none
    hooks: frozenset[StreamHookKind] = frozenset()  # the functions that its file defines
    config: Mapping[str, object] = field(default_factory=dict)


def hook_step(name: str, path: str, language: str, group: str) -> Step:
    """What asks the functions of a stream's file, or of the project's config, as if it were a step."""
    return Step(name, name, path, StepType.NOOP, language, group, timeout_ms=HOOK_TIMEOUT_MS)


class Address(NamedTuple):
    """A group of a stream, or one item of it."""

    stream: str
    group: str
    item_id: str = ""  # empty: the group


class StoredItem(NamedTuple):
    """An item as the store has it."""

    item_id: str
    item: bytes  # JSON object text, without id, _createdAt and __motia
    created_ms: int  # since the epoch: when it was first set
    version: int  # the sequence of its last change


class ChangeKind(StrEnum):
    """What happened."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    EVENT = "event"
    JOIN = "join"  # a member of the group came
    LEAVE = "leave"


class Change(NamedTuple):
    """Something that happened in a stream, in the order of `sequence` for all streams and cores."""

    sequence: int  # µs since the epoch, made unique and growing
    stream: str
    group: str
    item_id: str  # empty for events to the group; of members their id
    kind: ChangeKind
    data: bytes  # JSON text: the item (of a delete what it was), {"type", "data"?} of an event, the info of a member
    created_ms: int  # of the item

    @property
    def address(self) -> Address:
        return Address(self.stream, self.group, self.item_id)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a group, or an item, was at a moment: every change up to `sequence` is in it, none of the later ones is."""

    sequence: int
    items: list[StoredItem]


@dataclass(frozen=True, slots=True)
class Member:
    """A subscription that the others see."""

    member_id: str
    info: bytes  # JSON object text


class StreamMessage(NamedTuple):
    """What a client sends."""

    type: str
    data: bytes | None  # JSON text


@dataclass(frozen=True, slots=True)
class StreamHook:
    """One question to a hook (invoke.proto)."""

    kind: StreamHookKind
    address: Address
    auth: bytes = b""  # JSON text: the auth context; empty: the project has no streamAuth
    connection_id: str = ""
    url: str = ""  # of AUTHENTICATE: path and query
    headers: tuple[str, ...] = ()  # of AUTHENTICATE: name, value, name, value
    message: StreamMessage | None = None  # of CAN_SEND


@dataclass(frozen=True, slots=True)
class HookAnswer:
    """What a hook returned."""

    value: bytes  # JSON text


def to_stored(item: bytes) -> bytes:
    """An item's text without what is added when it is read."""
    # The standard library's parser on purpose: it keeps integers of any size.
    fields = json.loads(item)
    if OWN_KEYS.isdisjoint(fields):
        return item
    return json.dumps({key: value for key, value in fields.items() if key not in OWN_KEYS}).encode()
