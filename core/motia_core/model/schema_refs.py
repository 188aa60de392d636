"""References inside a JSON Schema: what they lead to, and when two of them lead to the same."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import unquote

from motia_core.model.json_pointer import unescape

BRANCHES = ("anyOf", "oneOf", "allOf")  # keywords whose schemas describe the same value
SUBSCHEMAS = ("additionalProperties", "additionalItems", "unevaluatedProperties", "contains", "not", "items")
SUBSCHEMA_LISTS = (*BRANCHES, "prefixItems", "items")
SUBSCHEMA_MAPS = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas")


class _Missing:
    pass


MISSING: Final = _Missing()  # what a reference leads to that leads nowhere


class References:
    """The references of one schema document.

    Args:
        root: The document: what `#` means.
    """

    def __init__(self, root: object) -> None:
        self.root = root
        self._anchors: dict[str, object] | None = None
        self._keys: dict[str, str] = {}
        self._reached: dict[str, frozenset[str]] = {}

    def target(self, ref: str) -> object:
        """The schema that a reference leads to; MISSING when it leads nowhere in this document."""
        base, hash_sign, fragment = ref.partition("#")
        schema = self._by_name(base) if base else self.root
        if not hash_sign or not fragment:
            return schema
        return _walk(schema, fragment) if fragment.startswith("/") else self._by_name(f"#{fragment}")

    def name(self, ref: str) -> str:
        """What a person would call the target: its key among the definitions, or its title; empty for neither."""
        last = unquote(ref).rstrip("/").replace("#", "/").rpartition("/")[2]
        if last:
            return last
        target = self.target(ref)
        title = target.get("title") if isinstance(target, Mapping) else None
        return title if isinstance(title, str) else ""

    def key(self, ref: str) -> str:
        """Equal for references, even of two documents, that mean the same: the text of all that they reach."""
        if ref not in self._keys:
            reached = {ref: self.target(ref)}
            open_refs = [ref]
            while open_refs:
                for found in _refs_in(reached[open_refs.pop()]):
                    if found not in reached:
                        reached[found] = self.target(found)
                        open_refs.append(found)
            self._keys[ref] = ref + json.dumps(reached, sort_keys=True, default=_no_target)
        return self._keys[ref]

    def same_value_refs(self, ref: str) -> frozenset[str]:
        """The references that are reached from this one without going into a member or item."""
        if ref not in self._reached:
            reached: set[str] = set()
            open_schemas = [self.target(ref)]
            while open_schemas:
                for found in _direct_refs(open_schemas.pop()):
                    if found not in reached:
                        reached.add(found)
                        open_schemas.append(self.target(found))
            self._reached[ref] = frozenset(reached)
        return self._reached[ref]

    def _by_name(self, name: str) -> object:
        """What has this `$id`, or `#` and this `$anchor`."""
        if self._anchors is None:
            self._anchors = dict(_named(self.root))
        return self._anchors.get(name, MISSING)


def type_name(text: str, default: str) -> str:
    """A text as the name of a type, in PascalCase: `order-line v2` is `OrderLineV2`; TypeScript and Python take it."""
    words = re.findall(r"[^\W_]+", text)
    name = "".join(word[0].upper() + word[1:] for word in words)
    if not name:
        return default
    return name if name.isidentifier() else f"_{name}"


def unique_name(name: str, taken: Mapping[str, object] | set[str] | frozenset[str]) -> str:
    """The name, with a number behind it when it is taken."""
    number, candidate = 1, name
    while candidate in taken:
        number += 1
        candidate = f"{name}{number}"
    return candidate


def _walk(schema: object, pointer: str) -> object:
    for part in pointer.split("/")[1:]:
        step = unescape(unquote(part))
        if isinstance(schema, Mapping):
            schema = schema.get(step, MISSING)
        elif isinstance(schema, (list, tuple)) and step.isdigit() and int(step) < len(schema):
            schema = schema[int(step)]
        else:
            return MISSING
    return schema


def children(schema: object) -> Iterator[object]:
    """The schemas inside a schema, one level deep."""
    if not isinstance(schema, Mapping):
        return
    for key in SUBSCHEMAS:
        if isinstance(schema.get(key), Mapping):
            yield schema[key]
    for key in SUBSCHEMA_LISTS:
        if isinstance(found := schema.get(key), (list, tuple)):
            yield from found
    for key in SUBSCHEMA_MAPS:
        if isinstance(found := schema.get(key), Mapping):
            yield from found.values()


def _refs_in(schema: object) -> Iterator[str]:
    """References in a schema, but for those in its definitions, which only matter when something leads there."""
    pending = [schema]
    while pending:
        current = pending.pop()
        if not isinstance(current, Mapping):
            continue
        if isinstance(ref := current.get("$ref"), str):
            yield ref
        used = {key: value for key, value in current.items() if key not in ("$defs", "definitions")}
        pending.extend(children(used))


def _direct_refs(schema: object) -> Iterator[str]:
    pending = [schema]
    while pending:
        current = pending.pop()
        if not isinstance(current, Mapping):
            continue
        if isinstance(ref := current.get("$ref"), str):
            yield ref
        for key in BRANCHES:
            if isinstance(found := current.get(key), (list, tuple)):
                pending.extend(found)


def _named(root: object) -> Iterator[tuple[str, object]]:
    pending = [root]
    while pending:
        current = pending.pop()
        if not isinstance(current, Mapping):
            continue
        if isinstance(found := current.get("$id"), str):
            yield found, current
        if isinstance(found := current.get("$anchor"), str):
            yield f"#{found}", current
        pending.extend(children(current))


def _no_target(value: object) -> str:
    return type(value).__name__
