"""Reads JSON that a sidecar sent and that must be an object."""

from __future__ import annotations

import orjson


def read_object(text: bytes) -> dict[str, object] | str:
    """The object, or one line that says why it is none."""
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        return str(error)
    return value if isinstance(value, dict) else f"it is a JSON {type(value).__name__}"
