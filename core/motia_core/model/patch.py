"""Changes a JSON value by operations: all of them, or none. The operations are those of StateUpdate in call.proto."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from motia_core.errors import PatchError
from motia_core.model.exact_json import Number, add, is_number, read, write
from motia_core.model.json_pointer import unescape
from motia_core.model.wording import describe, did_you_mean

MISSING = object()
EXAMPLE = '[{"type": "increment", "path": "/count"}]'
LONGEST_INDEX = 9  # digits

Change = Callable[[Any, Mapping[str, Any]], Any]  # what is at the path, and the operation; what comes there


class _WrongError(Exception):
    """What is wrong with one operation, or with what it found."""


def apply(value: bytes | None, operations: bytes) -> bytes | None:
    """What becomes of a value.

    Args:
        value: JSON text; None: there is none.
        operations: JSON array, applied in order. Null is the same as what is missing.

    Returns:
        JSON text; None: there is none, or it was removed.

    Raises:
        PatchError: An operation cannot be done; the message says which one, where, and what was found there.
    """
    try:
        document = MISSING if value is None else read(value)
    except ValueError as error:
        raise PatchError(f"the value that is to be updated cannot be read: {error}") from None
    try:
        todo = read(operations)
    except ValueError as error:
        raise PatchError(f"the operations of an update cannot be read: {error}") from None
    if not isinstance(todo, list) or not todo:
        raise PatchError(f"an update needs a list of operations, such as {EXAMPLE}; found {_shown(todo)}")
    for number, operation in enumerate(todo, 1):
        try:
            document = _changed(document, operation)
        except _WrongError as error:
            raise PatchError(f"operation {number}{_named(operation)}: {error}") from None
    try:
        return None if document is MISSING else write(document)
    except ValueError as error:
        raise PatchError(f"the updated value cannot be written: {error}") from None


def _named(operation: object) -> str:
    if not isinstance(operation, Mapping):
        return ""
    return f" ({_plain(operation.get('type'))} at {_plain(operation.get('path'))})"


def _plain(value: object) -> str:
    text = repr(value) if isinstance(value, str) else _shown(value)
    return text if len(text) <= 100 else f"{text[:99]}…"


def _shown(value: Any) -> str:
    if type(value) is Number:
        return f"the number {value.text[:40]}"
    return "nothing" if value is MISSING else describe(value)


# --- finding the place


def _changed(document: Any, operation: Any) -> Any:
    """The document with what is at the operation's path changed. It may be changed in place."""
    kind, names = _checked(operation)
    change = CHANGES[kind]
    if not names:
        return change(document, operation)
    if kind == "remove":
        _remove_at(document, names)
        return document
    root = parent = {} if _is_missing(document) else document
    for depth, name in enumerate(names[:-1]):
        place = _place(parent, name, names[:depth])
        child = _get(parent, place)
        if _is_missing(child):
            child = {}
            _put(parent, place, child)
        parent = child
    place = _place(parent, names[-1], names[:-1])
    _put(parent, place, change(_get(parent, place), operation))
    return root


def _checked(operation: Any) -> tuple[str, list[str]]:
    """The type of an operation and the names on its path."""
    if not isinstance(operation, Mapping):
        raise _WrongError(f"it must be an object with type and path, found {_shown(operation)}")
    kind, path = operation.get("type"), operation.get("path", MISSING)
    if not isinstance(kind, str) or kind not in CHANGES:
        near = did_you_mean(kind, CHANGES) if isinstance(kind, str) else ""
        raise _WrongError(f"its type must be one of {', '.join(CHANGES)}; {near or f'found {_shown(kind)}'}")
    if not isinstance(path, str):
        raise _WrongError(f"its path must be a string such as '/items/0/price', found {_shown(path)}")
    if path and not path.startswith("/"):
        raise _WrongError(f"its path must start with a slash: write '/{path}', or '' for the whole value")
    for member in operation:
        if member not in MEMBERS[kind]:
            near = did_you_mean(member, MEMBERS[kind]) or f"it has {', '.join(MEMBERS[kind])}"
            raise _WrongError(f"{kind} has no '{member}': {near}")
    if "value" in MEMBERS[kind] and "value" not in operation:
        raise _WrongError("its value is missing")
    return kind, [_unescaped(name) for name in path.split("/")[1:]]


def _unescaped(name: str) -> str:
    if "~" in name.replace("~0", "").replace("~1", ""):
        raise _WrongError(f"in '{name}' of its path, write ~0 for ~ and ~1 for /")
    return unescape(name)


def _is_missing(value: object) -> bool:
    return value is MISSING or value is None


def _place(parent: Any, name: str, way: list[str]) -> str | int:
    """Key or index of a member that can be there."""
    if isinstance(parent, dict):
        return name
    if not isinstance(parent, list):
        raise _WrongError(f"'/{'/'.join(way)}' is {_shown(parent)}, it has no member '{name}'")
    if name == "-":
        return len(parent)
    index = _index(name)
    if index is None or index > len(parent):
        what = "an array" if way else "an array, the whole value"
        raise _WrongError(f"'/{'/'.join(way)}' is {what} of {len(parent)}, it has no place '{name}'; '-' appends")
    return index


def _index(name: str) -> int | None:
    is_index = name.isascii() and name.isdigit() and len(name) <= LONGEST_INDEX and (name == "0" or name[0] != "0")
    return int(name) if is_index else None


def _get(parent: Any, place: Any) -> Any:
    if isinstance(parent, dict):
        return parent.get(place, MISSING)
    return parent[place] if place < len(parent) else MISSING


def _put(parent: Any, place: Any, value: Any) -> None:
    if isinstance(parent, list) and place == len(parent):
        parent.append(value)
    else:
        parent[place] = value


def _remove_at(document: Any, names: list[str]) -> None:
    """Remove what is there; what is missing stays so."""
    for name in names[:-1]:
        document = _member(document, name)
    name = names[-1]
    if isinstance(document, dict):
        document.pop(name, None)
    elif isinstance(document, list) and (index := _index(name)) is not None and index < len(document):
        del document[index]


def _member(parent: Any, name: str) -> Any:
    if isinstance(parent, dict):
        return parent.get(name, MISSING)
    index = _index(name) if isinstance(parent, list) else None
    return MISSING if index is None else _get(parent, index)


# --- changing what is there


def _set(found: Any, operation: Mapping[str, Any]) -> Any:
    return operation["value"]


def _merge(found: Any, operation: Mapping[str, Any]) -> Any:
    value = operation["value"]
    if not isinstance(value, dict):
        raise _WrongError(f"its value must be an object, found {_shown(value)}")
    if _is_missing(found):
        return value
    if not isinstance(found, dict):
        raise _WrongError(f"an object must be there, found {_shown(found)}")
    found.update(value)
    return found


def _increment(found: Any, operation: Mapping[str, Any]) -> Any:
    by = operation.get("by", 1)
    if not is_number(by):
        raise _WrongError(f"by must be a number, found {_shown(by)}")
    if not _is_missing(found) and not is_number(found):
        raise _WrongError(f"a number must be there, found {_shown(found)}")
    try:
        return add(0 if _is_missing(found) else found, by)
    except ValueError as error:
        raise _WrongError(str(error)) from None


def _append(found: Any, operation: Mapping[str, Any]) -> Any:
    if _is_missing(found):
        return [operation["value"]]
    if not isinstance(found, list):
        raise _WrongError(f"an array must be there, found {_shown(found)}")
    found.append(operation["value"])
    return found


def _remove(found: Any, operation: Mapping[str, Any]) -> Any:
    return MISSING


CHANGES: Mapping[str, Change] = {
    "set": _set,
    "merge": _merge,
    "increment": _increment,
    "append": _append,
    "remove": _remove,
}
MEMBERS: Mapping[str, tuple[str, ...]] = {
    "set": ("type", "path", "value"),
    "merge": ("type", "path", "value"),
    "increment": ("type", "path", "by"),
    "append": ("type", "path", "value"),
    "remove": ("type", "path"),
}
