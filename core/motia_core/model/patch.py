"""Changes a JSON value by operations: all of them, or none. The operations are those of StateUpdate in call.proto."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from motia_core.errors import PatchError

TYPES = ("set", "merge", "increment", "append", "remove")
MISSING = object()

Operation = Callable[[Any, Mapping[str, Any]], Any]  # what is at the path now, and the operation; what comes there


def apply(value: bytes | None, operations: bytes) -> bytes | None:
    """What becomes of a value.

    Args:
        value: JSON text; None: there is none.
        operations: JSON array, applied in order.

    Returns:
        JSON text; None: the value was removed.

    Raises:
        PatchError: An operation cannot be done; the message says which one, where, and what was found there.
    """
    # The standard library's parser on purpose: it keeps integers of any size.
    document = MISSING if value is None else json.loads(value)
    try:
        todo = json.loads(operations)
    except ValueError as error:
        raise PatchError(f"the operations of a state update are not JSON: {error}") from None
    if not isinstance(todo, list) or not todo:
        raise PatchError("a state update needs a list of operations, such as [{type: 'increment', path: '/count'}]")
    for number, operation in enumerate(todo, 1):
        try:
            document = _apply(document, operation)
        except PatchError as error:
            raise PatchError(f"operation {number} of a state update: {error.message}") from None
    if document is MISSING:
        return None
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def _apply(document: Any, operation: Any) -> Any:
    if not isinstance(operation, dict):
        raise PatchError(f"{_shown(operation)} is not an object with type and path")
    kind, path = operation.get("type"), operation.get("path", "")
    if not isinstance(kind, str) or kind not in OPERATIONS:
        raise PatchError(f"type {_shown(kind)} is not known; known are {', '.join(TYPES)}")
    if not isinstance(path, str) or (path and not path.startswith("/")):
        raise PatchError(f"path {_shown(path)} is not a JSON pointer such as /items/0/price, or '' for the whole value")
    names = [name.replace("~1", "/").replace("~0", "~") for name in path.split("/")[1:]]
    return _at(document, names, path, lambda found: _changed(kind, found, operation, path))


def _changed(kind: str, found: Any, operation: Mapping[str, Any], path: str) -> Any:
    try:
        return OPERATIONS[kind](found, operation)
    except PatchError as error:
        raise PatchError(f"{kind} at '{path}': {error.message}") from None


def _at(document: Any, names: list[str], path: str, change: Callable[[Any], Any]) -> Any:
    """The document with what is at the end of the path changed; what is missing on the way is an object."""
    if not names:
        return change(document)
    name, *rest = names
    if document is MISSING:
        document = {}
    if isinstance(document, dict):
        changed = _at(document.get(name, MISSING), rest, path, change)
        if changed is MISSING:
            document.pop(name, None)
        else:
            document[name] = changed
        return document
    if isinstance(document, list):
        return _at_index(document, name, rest, path, change)
    raise PatchError(f"path '{path}' goes into {_shown(document)}, which has no members")


def _at_index(document: list[Any], name: str, rest: list[str], path: str, change: Callable[[Any], Any]) -> Any:
    if name == "-":
        index = len(document)
    elif name.isascii() and name.isdigit() and int(name) <= len(document):
        index = int(name)
    else:
        raise PatchError(f"path '{path}': there is no index {name!r} in an array of {len(document)}")
    changed = _at(document[index] if index < len(document) else MISSING, rest, path, change)
    document[index : index + 1] = [] if changed is MISSING else [changed]
    return document


def _set(found: Any, operation: Mapping[str, Any]) -> Any:
    return _value(operation)


def _merge(found: Any, operation: Mapping[str, Any]) -> Any:
    value = _value(operation)
    if not isinstance(value, dict):
        raise PatchError(f"value is {_shown(value)}, not an object")
    if found is MISSING:
        return value
    if not isinstance(found, dict):
        raise PatchError(f"{_shown(found)} is there, not an object")
    return {**found, **value}


def _increment(found: Any, operation: Mapping[str, Any]) -> Any:
    by = operation.get("by", 1)
    if not _is_number(by):
        raise PatchError(f"by is {_shown(by)}, not a number")
    if found is MISSING:
        return by
    if not _is_number(found):
        raise PatchError(f"{_shown(found)} is there, not a number")
    return found + by


def _append(found: Any, operation: Mapping[str, Any]) -> Any:
    value = _value(operation)
    if found is MISSING:
        return [value]
    if not isinstance(found, list):
        raise PatchError(f"{_shown(found)} is there, not an array")
    return [*found, value]


def _remove(found: Any, operation: Mapping[str, Any]) -> Any:
    return MISSING


def _value(operation: Mapping[str, Any]) -> Any:
    if "value" not in operation:
        raise PatchError("there is no value")
    return operation["value"]


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}…"


OPERATIONS: Mapping[str, Operation] = {
    "set": _set,
    "merge": _merge,
    "increment": _increment,
    "append": _append,
    "remove": _remove,
}
