"""The named schemas of a document: what steps call `$defs`, `definitions` or `#`, each once and under its own name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import orjson

from motia_core.model.description.dialect import LISTS, MAPS, ONE, ONE_MORE, Schema, is_old, modern
from motia_core.model.schema import Schema as Compiled
from motia_core.model.schema import SchemaError
from motia_core.model.schema_refs import MISSING, References, unique_name

PREFIX = "#/components/schemas/"
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9._-]+")
Embedded = Schema | bool


def is_schema(source: object) -> bool:
    """Whether a config's value can be described: it is a JSON Schema that can be read."""
    if not isinstance(source, (Mapping, bool)):
        return False
    try:
        Compiled(source)
    except SchemaError:
        return False
    return True


class Components:
    """Takes schemas into a document.

    Args:
        taken: Named schemas of the document's own.
    """

    def __init__(self, taken: Mapping[str, Schema] | None = None) -> None:
        self._schemas: dict[str, Embedded] = dict(taken or {})
        self._names: dict[str, str] = {}  # key of a reference: name
        self._embedded: list[Embedded] = []

    def embed(self, schema: object, name: str) -> Embedded:
        """A schema as it can stand anywhere in the document.

        Args:
            schema: Of a step's config; `is_schema`.
            name: What it is called when it refers to itself.
        """
        refs, old = References(schema), is_old(schema)
        pending: list[tuple[str, str]] = []  # name, reference

        def rename(ref: str) -> str:
            if refs.target(ref) is MISSING:
                return ""
            key = refs.key(ref)
            if key not in self._names:
                own = unique_name(_component_name(refs.name(ref), name), self._schemas)
                self._names[key], self._schemas[own] = own, {}
                pending.append((own, ref))
            return PREFIX + self._names[key]

        result = modern(schema, rename, old=old)
        while pending:
            own, ref = pending.pop()
            self._schemas[own] = modern(refs.target(ref), rename, old=old)
        self._embedded.append(result)
        return result

    def _is_endless(self, schema: Schema) -> bool:
        seen: list[Embedded] = []
        current: Embedded = schema
        while isinstance(current, dict) and isinstance(ref := current.get("$ref"), str):
            if any(current is other for other in seen):
                return True
            seen.append(current)
            current = self._schemas[ref.removeprefix(PREFIX)]
        return False

    def target(self, schema: Embedded) -> Schema:
        """A schema without the references that it consists of; an empty one when it says nothing else."""
        for _ in range(len(self._schemas) + 1):
            if isinstance(schema, bool):
                return {}
            ref = schema.get("$ref")
            if not isinstance(ref, str) or not ref.startswith(PREFIX):
                return schema
            schema = self._schemas[ref.removeprefix(PREFIX)]
        return {}

    def compile(self, schema: Embedded) -> Compiled | None:
        """An embedded schema, ready to check values with; None when the library refuses it."""
        whole: Embedded = schema
        if isinstance(schema, dict) and b'"$ref"' in orjson.dumps(schema, default=str):
            whole = {**schema, "components": {"schemas": self._schemas}}
        try:
            return Compiled(whole)
        except SchemaError:
            return None

    def accepts(self, schema: Embedded, value: object) -> bool:
        """Whether a value is what an embedded schema describes; in doubt, no."""
        compiled = self.compile(schema)
        return compiled is not None and not compiled.violations(orjson.dumps(value))

    def finish(self) -> dict[str, Embedded]:
        """All named schemas, sorted. Defaults that their own schemas refuse are taken out everywhere, and references
        that lead back to where they are."""
        for schema in self._schemas.values():
            if isinstance(schema, dict) and self._is_endless(schema):
                del schema["$ref"]
        pending = [*self._embedded, *self._schemas.values()]
        while pending:
            schema = pending.pop()
            if isinstance(schema, dict):
                if "default" in schema and not self.is_default(schema):
                    del schema["default"]
                pending.extend(_inside(schema))
        return dict(sorted(self._schemas.items()))

    def is_default(self, schema: Schema) -> bool:
        """Whether the default of an embedded schema is one that it accepts."""
        try:
            return self.accepts(schema, schema["default"])
        except TypeError:  # an integer beyond 64 bits
            return False


def _component_name(text: str, default: str) -> str:
    return _NOT_IN_NAMES.sub("_", text).strip("_") or _NOT_IN_NAMES.sub("_", default).strip("_") or "Schema"


def _inside(schema: Schema) -> Iterator[Embedded]:
    for key in (*ONE, *ONE_MORE):
        if isinstance(found := schema.get(key), dict):
            yield found
    for key in LISTS:
        if isinstance(found := schema.get(key), list):
            yield from found
    for key in MAPS:
        if isinstance(found := schema.get(key), dict):
            yield from found.values()
