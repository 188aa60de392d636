"""References of a schema that go by way of `$id` and anchors, as pointers from its root."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from urllib.parse import quote, urljoin

from motia_core.model.description.dialect import LISTS, MAPS, ONE, ONE_MORE, is_old
from motia_core.model.json_pointer import escape

_ONE = (*ONE, *ONE_MORE, "additionalItems")
_MAPS = (*MAPS, "$defs", "definitions", "dependencies")
_NAMES = ("$id", "$anchor", "$dynamicAnchor")


def with_pointers(schema: object) -> object:
    """The schema with references such as `node` or `#anchor` written as `#/$defs/Node`, where they lead into it.

    A `$dynamicRef` whose target depends on who refers is taken out: it accepts everything.
    """
    old = is_old(schema)
    found = list(_walk(schema, "", "", old=old))
    if not any(name in one for one, _, _ in found for name in _NAMES):
        return schema
    return _Addresses(found, old=old).rewritten(schema, "")


class _Addresses:
    """Where the named parts of one schema document are."""

    def __init__(self, found: list[tuple[Mapping[str, object], str, str]], *, old: bool) -> None:
        self._old = old
        self._resources = {"": ""}  # pointer by address
        self._anchors: dict[tuple[str, str], str] = {}  # pointer by address and name
        self._dynamic: dict[str, int] = {}  # how many there are of a name
        for schema, base, pointer in found:
            own = _id_of(schema, old=old)
            if own.startswith("#"):
                self._anchors[base, own[1:]] = pointer
            elif own:
                self._resources.setdefault(base, pointer)
            for key in ("$anchor", "$dynamicAnchor"):
                if isinstance(name := schema.get(key), str):
                    self._anchors[base, name] = pointer
                    self._dynamic[name] = self._dynamic.get(name, 0) + (key == "$dynamicAnchor")

    def rewritten(self, schema: object, base: str) -> object:
        if not isinstance(schema, Mapping):
            return schema
        base = _base_of(schema, base, old=self._old)
        result = _rebuilt(schema, lambda part: self.rewritten(part, base))
        ref, dynamic = schema.get("$ref"), schema.get("$dynamicRef")
        if isinstance(ref, str) and (pointer := self._pointer(base, ref)) is not None:
            result["$ref"] = f"#{pointer}"
        if isinstance(dynamic, str):
            del result["$dynamicRef"]
            pointer = self._pointer(base, dynamic)
            if pointer is not None and self._dynamic.get(dynamic.partition("#")[2], 0) < 2 and "$ref" not in result:
                result["$ref"] = f"#{pointer}"
        return result

    def _pointer(self, base: str, ref: str) -> str | None:
        address, _, fragment = _joined(base, ref).partition("#")
        if fragment and not fragment.startswith("/"):
            return self._anchors.get((address, fragment))
        start = self._resources.get(address)
        return None if start is None else start + fragment


def _walk(schema: object, base: str, pointer: str, *, old: bool) -> Iterator[tuple[Mapping[str, object], str, str]]:
    """The schemas in a schema, itself first, each with its base address and its place."""
    if not isinstance(schema, Mapping):
        return
    base = _base_of(schema, base, old=old)
    yield schema, base, pointer
    for key in _ONE:
        if isinstance(part := schema.get(key), Mapping):
            yield from _walk(part, base, f"{pointer}/{key}", old=old)
    for key in (*LISTS, "items"):
        if isinstance(parts := schema.get(key), (list, tuple)):
            for at, part in enumerate(parts):
                yield from _walk(part, base, f"{pointer}/{key}/{at}", old=old)
    for key in _MAPS:
        if isinstance(named := schema.get(key), Mapping):
            for name, part in named.items():
                place = quote(escape(str(name)), safe="")
                yield from _walk(part, base, f"{pointer}/{key}/{place}", old=old)


def _rebuilt(schema: Mapping[str, object], change: Callable[[object], object]) -> dict[str, object]:
    result = dict(schema)
    for key in (*_ONE, *LISTS):
        value = result.get(key)
        if isinstance(value, (list, tuple)):
            result[key] = [change(part) for part in value]
        elif isinstance(value, Mapping):
            result[key] = change(value)
    for key in _MAPS:
        if isinstance(named := result.get(key), Mapping):
            result[key] = {name: change(part) for name, part in named.items()}
    return result


def _base_of(schema: Mapping[str, object], base: str, *, old: bool) -> str:
    own = _id_of(schema, old=old)
    return _joined(base, own).partition("#")[0] if own and not own.startswith("#") else base


def _id_of(schema: Mapping[str, object], *, old: bool) -> str:
    own = schema.get("$id")
    return own if isinstance(own, str) and not (old and "$ref" in schema) else ""


def _joined(base: str, ref: str) -> str:
    return base + ref if ref.startswith("#") or not ref else urljoin(base, ref)
