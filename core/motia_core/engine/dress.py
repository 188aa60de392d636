"""Stream items as handlers and clients expect them (contract 4.4, 5.4)."""

from __future__ import annotations

import orjson

from motia_core.model.stream import Address, StoredItem


def dress(address: Address, stored: StoredItem) -> bytes:
    """The item's text with id, _createdAt and __motia appended, so that it need not be parsed."""
    stream, group, item_id = address
    marker = {"type": "state-stream", "streamName": stream, "groupId": group, "id": item_id}
    extra = orjson.dumps({"id": item_id, "_createdAt": stored.created_ms, "__motia": marker})
    inside = stored.item[1:-1].strip()
    return b"{" + inside + b"," + extra[1:] if inside else extra
