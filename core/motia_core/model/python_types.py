"""From JSON Schema (draft 7 to 2020-12) to Python types: TypedDicts for objects, expressions for the rest."""

from __future__ import annotations

import json
import keyword
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from motia_core.model.schema_flat import alternatives, mapping, sequence
from motia_core.model.schema_refs import MISSING, References, type_name, unique_name

DEEPEST = 60  # levels; what is deeper is Any
COMBINED = ("allOf", "anyOf", "oneOf", "$ref")
_SIMPLE = {"string": "str", "number": "float", "integer": "int", "boolean": "bool", "null": "None"}


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in a document a type is being written."""

    refs: References
    name: str  # what an object here is called
    is_filled: bool = False  # defaults have been put in
    inside: str = ""  # the reference whose type is being written
    is_same_value: bool = True  # no member or item lies between that type and here
    depth: int = 0

    def inner(self, name: str) -> _Place:
        return replace(self, name=name, depth=self.depth + 1, is_same_value=False)


class PythonTypes:
    """Writes types, and collects the declarations that they refer to.

    Args:
        reserved: Names that declarations must not have.
    """

    def __init__(self, reserved: Iterable[str] = ()) -> None:
        self._declared: dict[str, str] = {}  # name: declaration; "" while that is to be written
        self._names: dict[str, str] = {}  # key of a reference or text of an object: name
        self._pending: list[tuple[str, _Place]] = []  # aliases to write, of references
        self._reserved = frozenset(reserved)

    @property
    def declarations(self) -> list[str]:
        """The declarations so far, sorted by name."""
        return [text for _, text in sorted(self._declared.items())]

    def name(self, wanted: str) -> str:
        """A name that nothing has, for a declaration of the caller's own."""
        own = unique_name(wanted, self._declared.keys() | self._reserved)
        self._declared[own] = ""
        return own

    def declare(self, name: str, text: str) -> None:
        """Give a name that `name` returned its declaration."""
        self._declared[name] = text

    def type_of(self, schema: object, name: str, *, is_filled: bool = False) -> str:
        """The expression for what the schema accepts, for annotations.

        Args:
            schema: A JSON Schema; anything else counts as one that accepts everything.
            name: What an object is called that has no name of its own.
            is_filled: Whether defaults have been put in: members with one are always there.
        """
        written = self._type(schema, _Place(References(schema), name, is_filled))
        while self._pending:
            own, place = self._pending.pop()
            found = self._type(place.refs.target(place.inside), place)
            if not self._declared[own]:  # a TypedDict has taken the name itself
                self._declared[own] = alias(own, found)
        return written

    # --- what is where

    def _type(self, schema: object, place: _Place) -> str:
        if schema is False:
            return "Never"
        if not isinstance(schema, Mapping) or place.depth > DEEPEST:
            return "Any"
        if schema.get("not") in ({}, True):
            return "None"
        combined = [key for key in COMBINED if key in schema]
        if not combined:
            written = self._own(schema, place)
        elif combined == ["$ref"] and not mapping(schema.get("properties")):
            written = self._reference(str(schema["$ref"]), place)
        elif combined in (["anyOf"], ["oneOf"]) and not {"type", "properties", "required"} & schema.keys():
            written = union(self._type(option, place) for option in sequence(schema[combined[0]]))
        else:
            flats = alternatives(schema, place.refs)
            written = "Any" if flats is None else union(self._own(flat, place) for flat in flats)
        return union([written, "None"]) if schema.get("nullable") is True else written

    def _reference(self, ref: str, place: _Place) -> str:
        if place.refs.target(ref) is MISSING:
            return "Any"
        is_endless = ref == place.inside or place.inside in place.refs.same_value_refs(ref)
        if place.inside and place.is_same_value and is_endless:
            return "Any"  # a type that is itself or something says nothing
        key = place.refs.key(ref)
        is_other = place.is_filled and '"default"' in key  # than the type of what was not filled
        key = f"{key} filled" if is_other else key
        if key not in self._names:
            own = type_name(place.refs.name(ref), place.name) + ("Filled" if is_other else "")
            self._names[key] = own = self.name(own)
            self._pending.append((own, _Place(place.refs, own, place.is_filled, inside=ref)))
        return self._names[key]

    def _own(self, schema: Mapping[str, object], place: _Place) -> str:
        if "const" in schema:
            return literal([schema["const"]])
        if isinstance(values := schema.get("enum"), (list, tuple)):
            return literal(values)
        kinds = schema.get("type")
        if not isinstance(kinds, (str, list, tuple)):
            kinds = [kind for kind, keys in _OF_TYPE.items() if keys & schema.keys()] or [""]
        return union(self._of_type(kind, schema, place) for kind in ([kinds] if isinstance(kinds, str) else kinds))

    def _of_type(self, kind: object, schema: Mapping[str, object], place: _Place) -> str:
        if kind == "object":
            return self._object(schema, place)
        if kind == "array":
            return self._array(schema, place)
        if kind == "string" and schema.get("format") == "binary":
            return "bytes"
        return _SIMPLE.get(str(kind), "Any")

    # --- objects and arrays

    def _object(self, schema: Mapping[str, object], place: _Place) -> str:
        properties = mapping(schema.get("properties"))
        required = [key for key in sequence(schema.get("required")) if isinstance(key, str)]
        members = {key: properties.get(key, True) for key in (*properties, *required)}
        if not members:
            others = schema.get("additionalProperties")
            return f"dict[str, {self._type(others, place.inner(f'{place.name}Value'))}]"
        is_alias = bool(place.inside) and place.is_same_value and not self._declared[place.name]
        name = place.name if is_alias else self._object_name(schema, place)
        if self._declared[name]:
            return name
        self._declared[name] = "…"  # being written: what it contains may contain it
        fields = {}
        for key, member in members.items():
            written = self._type(member, place.inner(name + type_name(key, "Member")))
            is_there = key in required or (place.is_filled and "default" in mapping(member))
            fields[key] = written if is_there else f"NotRequired[{written}]"
        self._declared[name] = typed_dict(name, fields)
        return name

    def _object_name(self, schema: Mapping[str, object], place: _Place) -> str:
        """The same for the same schema at the same place: what is asked for twice is declared once."""
        key = f"{place.name} {place.is_filled} {json.dumps([schema, _defs(place)], sort_keys=True, default=str)}"
        if key not in self._names:
            self._names[key] = self.name(place.name)
        return self._names[key]

    def _array(self, schema: Mapping[str, object], place: _Place) -> str:
        items = schema.get("items")
        first = items if isinstance(items, (list, tuple)) else sequence(schema.get("prefixItems"))
        rest = schema.get("additionalItems") if isinstance(items, (list, tuple)) else items
        if not first:
            return f"list[{self._type(items, place.inner(f'{place.name}Item'))}]"
        parts = [*first, *([rest] if rest is not None and rest is not False else [])]
        written = (self._type(part, place.inner(f"{place.name}Item{at}")) for at, part in enumerate(parts))
        return f"list[{union(written)}]"  # what comes from JSON is no tuple


_OF_TYPE = {
    "object": frozenset({"properties", "additionalProperties", "patternProperties"}),
    "array": frozenset({"items", "prefixItems"}),
}


# --- text


def union(types: Iterable[str]) -> str:
    """One of these; Never when there is none."""
    members = [one for one in dict.fromkeys(types) if one != "Never"]
    if "Any" in members:
        return "Any"
    if "None" in members:
        members = [*(one for one in members if one != "None"), "None"]
    return " | ".join(members) or "Never"


def literal(values: Iterable[object]) -> str:
    """One of these JSON values, as far as Python can say it."""
    simple, others = [], []
    for value in values:
        if isinstance(value, (str, int)):
            simple.append(repr(value))
        else:
            others.append("None" if value is None else "float" if isinstance(value, float) else "Any")
    return union([f"Literal[{', '.join(dict.fromkeys(simple))}]"] * bool(simple) + others)


def alias(name: str, written: str) -> str:
    """The declaration of another name for a type."""
    return f"{name}: TypeAlias = {quoted(written)}"


def quoted(written: str) -> str:
    """A type as a text, for where Python would evaluate it."""
    return repr(written) if '"' in written or "\\" in written else f'"{written}"'


def typed_dict(name: str, fields: Mapping[str, str], base: str = "TypedDict") -> str:
    """The declaration of a TypedDict: a class where the keys can be names of members."""
    if all(key.isidentifier() and not keyword.iskeyword(key) and not key.startswith("__") for key in fields):
        lines = "".join(f"\n    {key}: {written}" for key, written in fields.items())
        return f"class {name}({base}):{lines or ' ...'}"
    lines = "".join(f"\n        {key!r}: {quoted(written)}," for key, written in fields.items())
    return f'{name} = TypedDict(\n    "{name}",\n    {{{lines}\n    }},\n)'


def _defs(place: _Place) -> object:
    root = mapping(place.refs.root)
    return [root.get("$defs"), root.get("definitions")]
