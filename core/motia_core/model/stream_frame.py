"""What clients of streams get (docs/stream-wire.md). A change is written once, however many clients get it."""

from __future__ import annotations

import orjson

from motia_core.model.ids import US_PER_MS
from motia_core.model.stream import Address, Change, ChangeKind, Snapshot, StoredItem

_EVENT_OF_ITEM = frozenset({ChangeKind.CREATE, ChangeKind.UPDATE, ChangeKind.DELETE})


class Frame:
    """One message to clients.

    Attributes:
        text: JSON text.
        type: What its event is: "sync", "create", …
        sequence: What is known with it; 0: it is about no change.
        wire: The same as a server's connection sends it, once one had to write it.
    """

    __slots__ = ("sequence", "text", "type", "wire")

    def __init__(self, address: Address, kind: str, event: bytes, *, at_us: int, sequence: int | None = None) -> None:
        self.type = kind
        self.sequence = at_us if sequence is None else sequence
        self.text = _head(address, at_us, self.sequence) + event + b"}"
        self.wire: bytes | None = None


def of_change(change: Change) -> Frame:
    """The frame of what happened to an item, of an event, or of members."""
    if change.kind in _EVENT_OF_ITEM:
        item = item_text(change.item_id, change.data, change.created_ms)
        event = b'{"type":"%b","data":%b}' % (change.kind.encode(), item)
        return Frame(change.address, change.kind, event, at_us=change.sequence)
    if change.kind is ChangeKind.EVENT:
        return Frame(change.address, "event", b'{"type":"event","event":%b}' % change.data, at_us=change.sequence)
    of_group = Address(change.stream, change.group)
    member_id = orjson.dumps(change.item_id)
    if change.kind is ChangeKind.JOIN:
        event = b'{"type":"presence","joined":[{"memberId":%b,"info":%b}],"left":[]}' % (member_id, change.data)
    else:
        event = b'{"type":"presence","joined":[],"left":[%b]}' % member_id
    return Frame(of_group, "presence", event, at_us=change.sequence)


def of_snapshot(address: Address, snapshot: Snapshot) -> Frame | None:
    """The frame of what is there; None for an item that is not."""
    items = [item_text(*item[:3]) for item in snapshot.items]
    if address.item_id and not items:
        return None
    data = items[0] if address.item_id else b"[" + b",".join(items) + b"]"
    return Frame(address, "sync", b'{"type":"sync","data":' + data + b"}", at_us=snapshot.sequence)


def of_answer(address: Address, event: dict[str, object], *, at_us: int, sequence: int = 0) -> Frame:
    """A frame for one client: joined, sent.

    Args:
        at_us: Since the epoch.
        sequence: What the client has now; 0: the answer is not about that.
    """
    return Frame(address, str(event["type"]), orjson.dumps(event), at_us=at_us, sequence=sequence)


def of_error(address: Address, data: dict[str, object], *, at_us: int) -> Frame:
    """What a client asked for was refused. `data`: code, message, and what else is known."""
    return of_answer(address, {"type": "event", "event": {"type": "error", "data": data}}, at_us=at_us)


def item_text(item_id: str, item: bytes, created_ms: int) -> bytes:
    """An item with id and _createdAt, without being parsed."""
    extra = orjson.dumps({"id": item_id, "_createdAt": created_ms})
    inside = item[1:-1].strip()
    return b"{" + inside + b"," + extra[1:] if inside else extra


def item_of(stored: StoredItem) -> bytes:
    """See `item_text`."""
    return item_text(stored.item_id, stored.item, stored.created_ms)


def _head(address: Address, at_us: int, sequence: int) -> bytes:
    names = {"streamName": address.stream, "groupId": address.group}
    if address.item_id:
        names["id"] = address.item_id
    ms, us = divmod(at_us, US_PER_MS)
    timestamp = b"%d.%03d" % (ms, us) if us else b"%d" % ms
    return b'{"timestamp":%b,%b,"sequence":%d,"event":' % (timestamp, orjson.dumps(names)[1:-1], sequence)
