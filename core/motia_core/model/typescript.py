"""From JSON Schema (draft 7 to 2020-12) to the text of TypeScript types."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from textwrap import indent

from motia_core.model.schema_refs import MISSING, References, type_name, unique_name

LONGEST_LINE = 100  # characters of an object type on one line
DEEPEST = 60  # levels; what is deeper is unknown
BUILT_IN = frozenset({"Array", "Buffer", "Record", "Promise", "String", "Number", "Boolean", "Object", "Symbol"})
_IDENTIFIER = re.compile(r"[A-Za-z_$][\w$]*", re.ASCII)
_OF_TYPE: Mapping[str, frozenset[str]] = {
    "object": frozenset({"properties", "additionalProperties", "patternProperties"}),
    "array": frozenset({"items", "prefixItems"}),
}
_SIMPLE = {"string": "string", "number": "number", "integer": "number", "boolean": "boolean", "null": "null"}


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in a document a type is being written."""

    refs: References
    is_filled: bool = False  # defaults have been put in
    inside: str = ""  # the reference whose type is being written; "": the type that was asked for
    is_same_value: bool = True  # no member or item lies between that type and here
    depth: int = 0

    def deeper(self, *, is_same_value: bool) -> _Place:
        return replace(self, depth=self.depth + 1, is_same_value=self.is_same_value and is_same_value)


class TypeScriptTypes:
    """Writes types, and collects the named types that they refer to.

    Every `$ref` becomes a named type, so that recursion works; those that mean the same share one.

    Args:
        reserved: Names that named types must not have.
    """

    def __init__(self, reserved: Iterable[str] = ()) -> None:
        self._declared: dict[str, str] = {}  # name: its type; "" while that is to be written
        self._names: dict[str, str] = {}  # key of a reference: name
        self._pending: list[tuple[str, _Place]] = []  # named types to write
        self._reserved = BUILT_IN | frozenset(reserved)

    @property
    def declarations(self) -> Mapping[str, str]:
        """The named types so far: name to type, such as {"Order": "{ id: string }"}, sorted by name."""
        return dict(sorted(self._declared.items()))

    def type_of(self, schema: object, *, name: str = "Root", root: object = MISSING, is_filled: bool = False) -> str:
        """The type of what the schema accepts, on one line or several.

        Args:
            schema: A JSON Schema; anything else counts as one that accepts everything.
            name: What the type is called when it refers to itself as `#` and has no title.
            root: The document in which references are looked up; the schema itself by default.
            is_filled: Whether the type is of values whose defaults were put in: members with one are always there.
        """
        refs = References(schema if root is MISSING else root)
        written = self._type(schema, _Place(refs, is_filled), name)
        while self._pending:
            own, place = self._pending.pop()
            self._declared[own] = self._type(place.refs.target(place.inside), place, own)
        return written

    # --- what is where

    def _type(self, schema: object, place: _Place, name: str = "Root") -> str:
        if schema is False:
            return "never"
        if not isinstance(schema, Mapping) or place.depth > DEEPEST:
            return "unknown"
        if schema.get("not") in ({}, True):
            return "undefined"
        parts = [self._own(schema, place, name)]
        if isinstance(ref := schema.get("$ref"), str):
            parts.append(self._reference(ref, place, name))
        deeper = place.deeper(is_same_value=True)
        choices = filter(None, (_sequence(schema.get(keyword)) for keyword in ("anyOf", "oneOf")))
        parts += (union(self._type(option, deeper, name) for option in choice) for choice in choices)
        parts += (self._type(part, deeper, name) for part in _sequence(schema.get("allOf")))
        whole = intersection(parts)
        return union([whole, "null"]) if schema.get("nullable") is True else whole

    def _reference(self, ref: str, place: _Place, name: str) -> str:
        if place.refs.target(ref) is MISSING:
            return "unknown"
        is_endless = ref == place.inside or place.inside in place.refs.same_value_refs(ref)
        if place.inside and place.is_same_value and is_endless:
            return "unknown"  # a type that is itself or something says nothing, and is an error in TypeScript
        key = place.refs.key(ref)
        is_other = place.is_filled and '"default"' in key  # than the type of what was not filled
        key = f"{key} filled" if is_other else key
        if key not in self._names:
            own = type_name(place.refs.name(ref), name) + ("Filled" if is_other else "")
            own = unique_name(own, self._declared.keys() | self._reserved)
            self._names[key] = own
            self._declared[own] = ""
            self._pending.append((own, _Place(place.refs, place.is_filled, inside=ref)))
        return self._names[key]

    def _own(self, schema: Mapping[str, object], place: _Place, name: str) -> str:
        """What the keywords of the schema itself say, without those that point to other schemas of the same value."""
        if "const" in schema:
            return literal(schema["const"])
        if isinstance(values := schema.get("enum"), (list, tuple)):
            return union(map(literal, values))
        kinds = schema.get("type")
        if isinstance(kinds, str):
            kinds = [kinds]
        if not isinstance(kinds, (list, tuple)):
            kinds = [kind for kind, keywords in _OF_TYPE.items() if keywords & schema.keys()]
        if not kinds:
            return "unknown"
        return union(self._of_type(str(kind), schema, place, name) for kind in kinds)

    def _of_type(self, kind: str, schema: Mapping[str, object], place: _Place, name: str) -> str:
        inner = place.deeper(is_same_value=False)
        if kind == "object":
            return self._object(schema, inner, name)
        if kind == "array":
            return self._array(schema, inner, name)
        if kind == "string" and schema.get("format") == "binary":
            return "Buffer"
        return _SIMPLE.get(kind, "unknown")

    # --- objects and arrays

    def _object(self, schema: Mapping[str, object], place: _Place, name: str) -> str:
        properties = _mapping(schema.get("properties"))
        required = {key for key in _sequence(schema.get("required")) if isinstance(key, str)}
        members, types = [], []
        for key in dict.fromkeys((*properties, *sorted(required))):
            member = properties.get(key, True)
            written = self._type(member, place, name)
            is_optional = key not in required and not (place.is_filled and _has_default(member))
            types += [written, "undefined"] if is_optional else [written]
            members.append(f"{_comment(member)}{property_name(key)}{'?' if is_optional else ''}: {written}")
        others = self._others(schema, place, name)
        if not members:
            if others:
                # not Record for named types: TypeScript does not let an alias refer to itself through another
                is_named = any(declared in others for declared in self._declared)
                return f"{{ [key: string]: {others} }}" if is_named else f"Record<string, {others}>"
            if schema.get("additionalProperties") is False:
                return "Record<string, never>"
            return "{}" if "properties" in schema else "Record<string, unknown>"
        if others == "unknown":
            members.append("[key: string]: any")  # of unknown would not take interfaces
        elif others:
            members.append(f"[key: string]: {union([others, *types])}")
        return block(members)

    def _others(self, schema: Mapping[str, object], place: _Place, name: str) -> str:
        """The type of members that are not named; empty when nothing is said of them, or none may be there."""
        found = [*_mapping(schema.get("patternProperties")).values()]
        additional = schema.get("additionalProperties", False if found else None)
        if additional is not None and additional is not False:
            found.append(additional)
        return union(self._type(one, place, name) for one in found) if found else ""

    def _array(self, schema: Mapping[str, object], place: _Place, name: str) -> str:
        items, first = schema.get("items"), schema.get("prefixItems")
        rest = schema.get("additionalItems") if isinstance(items, (list, tuple)) else items
        first = items if isinstance(items, (list, tuple)) else first
        if not isinstance(first, (list, tuple)):
            return f"Array<{self._type(items, place, name)}>"
        least = schema.get("minItems")
        needed = least if isinstance(least, int) and least < len(first) else len(first)
        parts = [_in_tuple(self._type(item, place, name), at < needed) for at, item in enumerate(first)]
        if rest is not None and rest is not False:
            # not Array<…>, which TypeScript looks into at once, so that it could not lead back here
            parts.append(f"...{_bracketed(self._type(rest, place, name))}[]")
        return f"[{', '.join(parts)}]"


def typescript_type(schema: object, declarations: dict[str, str] | None = None) -> str:
    """The type of one schema. Named types that it refers to are put into `declarations`: name to type."""
    types = TypeScriptTypes()
    text = types.type_of(schema)
    if declarations is not None:
        declarations.update(types.declarations)
    return text


# --- text


def union(types: Iterable[str]) -> str:
    """One of these; never when there is none."""
    members = [one for one in dict.fromkeys(types) if one != "never"]
    if "unknown" in members:
        return "unknown"
    return " | ".join(members) or "never"


def intersection(types: Iterable[str]) -> str:
    """All of these at once; unknown when there is none."""
    members = [one for one in dict.fromkeys(types) if one != "unknown"]
    if "never" in members:
        return "never"
    if len(members) > 1:
        members = [f"({one})" if " | " in one else one for one in members]
    return " & ".join(members) or "unknown"


def block(members: Sequence[str]) -> str:
    """An object type, on one line if it is short and has no comments."""
    line = f"{{ {'; '.join(members)} }}"
    if len(line) <= LONGEST_LINE and "\n" not in line:
        return line
    inner = indent(";\n".join(members), "  ")
    return f"{{\n{inner};\n}}"


def literal(value: object) -> str:
    """The type of exactly this JSON value."""
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, Mapping):
        return f"{{ {'; '.join(f'{property_name(str(key))}: {literal(one)}' for key, one in value.items())} }}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(literal, value))}]"
    return json.dumps(value)


def quoted(text: str) -> str:
    """A text as a TypeScript string, in single quotes."""
    try:
        text.encode()
        inner = json.dumps(text, ensure_ascii=False)[1:-1]
    except UnicodeEncodeError:  # half of a surrogate pair
        inner = json.dumps(text)[1:-1]
    return "'" + inner.replace('\\"', '"').replace("'", "\\'") + "'"


def property_name(key: str) -> str:
    """A key as it is written in an object type."""
    return key if _IDENTIFIER.fullmatch(key) else quoted(key)


def _comment(schema: object) -> str:
    text = schema.get("description") if isinstance(schema, Mapping) else None
    if not isinstance(text, str) or not text.strip():
        return ""
    line = " ".join(text.split()).replace("*/", "* /").encode(errors="replace").decode()
    return f"/** {line} */\n"


def _has_default(schema: object) -> bool:
    return isinstance(schema, Mapping) and "default" in schema


def _in_tuple(written: str, is_needed: bool) -> str:
    return written if is_needed else f"{_bracketed(written)}?"


def _bracketed(written: str) -> str:
    return f"({written})" if " " in written else written


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _sequence(value: object) -> Sequence[object]:
    return value if isinstance(value, (list, tuple)) else ()
