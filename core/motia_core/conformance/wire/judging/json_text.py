"""What is JSON on the wire: RFC 8259, which knows no NaN."""

from __future__ import annotations

import json


def is_json(value: bytes) -> bool:
    """Whether it is UTF-8 JSON text."""
    try:
        json.loads(value.decode(), parse_constant=_refuse)
    except ValueError:
        return False
    return True


def is_nearly_json(value: bytes) -> bool:
    """Whether it would be JSON text if there were NaN and Infinity in it."""
    try:
        json.loads(value.decode())
    except ValueError:
        return False
    return True


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
