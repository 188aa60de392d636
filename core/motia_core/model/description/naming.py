"""Names of operations: step names as identifiers that every language takes."""

from __future__ import annotations

import re
from collections.abc import Iterable

from motia_core.model.schema_refs import unique_name
from motia_core.model.step import Step

_RESERVED = {"constructor", "then"}  # that a method cannot be called without breaking the object it belongs to
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


def camel_name(text: str, default: str = "step") -> str:
    """A text in camelCase: `Create order` and `CreateOrder` are `createOrder`, `API_getUser` is `apiGetUser`."""
    words = _WORD.findall(text)
    name = "".join(word.lower() if at == 0 else word[0].upper() + word[1:].lower() for at, word in enumerate(words))
    if not name:
        return default
    return f"_{name}" if name[0].isdigit() else name


def operation_names(steps: Iterable[Step]) -> dict[str, str]:
    """The name of each step's operation, by step id; no two are the same."""
    names: dict[str, str] = {}
    taken = set(_RESERVED)
    for step in steps:
        name = unique_name(camel_name(step.name), taken)
        names[step.id] = name
        taken.add(name)
    return names
