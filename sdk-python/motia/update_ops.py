"""Operations as Motia 1.0 writes them, in our words: there a path is one literal key, here a JSON pointer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

FIELDS = ("type", "path", "value", "by")


def to_operations(ops: Iterable[Any]) -> list[Mapping[str, Any]]:
    """The same in our words; `decrement` becomes an increment."""
    return [_operation(op) for op in ops]


def _operation(op: Any) -> Mapping[str, Any]:
    fields = op if isinstance(op, Mapping) else {name: getattr(op, name) for name in FIELDS if hasattr(op, name)}
    operation: dict[str, Any] = {**fields, "path": _pointer(fields.get("path"))}
    if operation.get("type") == "decrement":
        operation |= {"type": "increment", "by": -operation.get("by", 1)}
    return operation


def _pointer(path: str | Sequence[Any] | None) -> str:
    if path is None or path == "":
        return ""
    keys = [path] if isinstance(path, str) else path
    return "".join(f"/{str(key).replace('~', '~0').replace('/', '~1')}" for key in keys)
