"""Compares JSON Schemas: is everything that one allows accepted by the other, and can a value fit both?

Only what is certain is reported: what cannot be decided (patterns, formats, `not`, `if`) counts as agreement, and so
does a place of which one of the two says nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from motia_core.model.json_pointer import escape
from motia_core.model.schema_flat import (
    Flat,
    accepted_values,
    alternatives,
    mapping,
    number,
    same,
    sequence,
    type_of,
)
from motia_core.model.schema_refs import References

MOST = 20  # disagreements that are told
DEEPEST = 40  # levels that are compared
MOST_VALUES = 8  # of an enum that are shown
MOST_STEPS = 10_000  # pairs of places; what is beyond counts as agreement
MOST_EXACT = 2**53 - 1  # integers that every language has; zod bounds with it what is an integer
FEW: Mapping[str, Sequence[object]] = {"null": [None], "boolean": [False, True]}  # all values of a type
ENDLESS = frozenset({"string", "number", "integer"})  # types with more values than could be listed
LIMITS = frozenset({"pattern", "format", "maxLength", "minimum", "exclusiveMinimum", "multipleOf"})
NUMBERS = frozenset({"number", "integer"})
# keyword, the other one that bounds on the same side, whether it bounds from below
BOUNDS = (
    ("minimum", "exclusiveMinimum", True),
    ("exclusiveMinimum", "minimum", True),
    ("minLength", "minLength", True),
    ("minItems", "minItems", True),
    ("maximum", "exclusiveMaximum", False),
    ("exclusiveMaximum", "maximum", False),
    ("maxLength", "maxLength", False),
    ("maxItems", "maxItems", False),
)


class Disagreement(NamedTuple):
    """One place where two schemas differ."""

    path: str  # JSON pointer, `*` for any item or member; "": the value itself
    what: str  # after which the sentence ends

    def __str__(self) -> str:
        return f"{self.path}: {self.what}" if self.path else self.what


def refusals(given: object, taken: object) -> list[Disagreement]:
    """What a value may be by `given` and must not be by `taken`. Empty: nothing of that kind is certain."""
    return _compared(_Refusals(References(given), References(taken)), given, taken)


def conflicts(one: object, other: object) -> list[Disagreement]:
    """Where a value that fits one schema cannot fit the other. Empty: a value may well fit both."""
    return _compared(_Conflicts(References(one), References(other)), one, other)


def _compared(comparison: _Comparison, given: object, taken: object) -> list[Disagreement]:
    try:
        return list(dict.fromkeys(comparison.compare(given, taken, "", 0)))[:MOST]
    except RecursionError:  # combinations that are nested deeper than anyone writes by hand
        return []


class _Comparison:
    """Walks two schemas together. `given` and `taken` are the left and the right one."""

    def __init__(self, given: References, taken: References) -> None:
        self._given, self._taken = given, taken
        self._open: set[tuple[int, int]] = set()  # pairs that are being compared: recursive schemas come back to them
        self._left = MOST_STEPS

    def compare(self, given: object, taken: object, path: str, depth: int) -> list[Disagreement]:
        pair = (id(given), id(taken))
        self._left -= 1
        if pair in self._open or depth > DEEPEST or self._left < 0:
            return []
        left, right = alternatives(given, self._given), alternatives(taken, self._taken)
        if left is None or right is None or not left:
            return []
        self._open.add(pair)
        try:
            return self._choose(left, right, path, depth + 1) if right else self._none(path)
        finally:
            self._open.discard(pair)

    def _choose(self, left: Sequence[Flat], right: Sequence[Flat], path: str, depth: int) -> list[Disagreement]:
        raise NotImplementedError

    def _none(self, path: str) -> list[Disagreement]:
        """The right schema takes nothing at all."""
        raise NotImplementedError

    def _flat(self, given: Flat, taken: Flat, path: str, depth: int) -> list[Disagreement]:
        raise NotImplementedError

    def _nearest(self, given: Flat, taken: Sequence[Flat], path: str, depth: int) -> list[Disagreement]:
        """The disagreements with the alternative that fits best; empty when one fits."""
        found = [(option, self._flat(given, option, path, depth)) for option in taken]
        nearest = min(found, key=lambda one: _distance(one[0], one[1], path))[1]
        if nearest and len(taken) > 1 and all(each.path == path for each in nearest) and _kind(given):
            kinds = {_described(option) for option in taken}
            return [Disagreement(path, f"may be {_described(given)}, accepted is {_listed(sorted(kinds))}")]
        return nearest

    def _items(self, given: Flat, taken: Flat, path: str, depth: int) -> list[Disagreement]:
        """Item by item where there are positions, and the rest."""
        first, rest = _positions(given)
        wanted, others = _positions(taken)
        found: list[Disagreement] = []
        for at in range(max(len(first), len(wanted))):
            mine = first[at] if at < len(first) else rest
            theirs = wanted[at] if at < len(wanted) else others
            if mine is not None and mine is not False and theirs is not None:
                found += self.compare(mine, theirs, f"{path}/{at}", depth)
        if rest is not None and rest is not False and others is not None:
            found += self.compare(rest, others, f"{path}/*", depth)
        return found


class _Refusals(_Comparison):
    def _none(self, path: str) -> list[Disagreement]:
        return [Disagreement(path, "nothing is accepted here")]

    def _choose(self, left: Sequence[Flat], right: Sequence[Flat], path: str, depth: int) -> list[Disagreement]:
        return [one for given in left for one in self._nearest(given, right, path, depth)]

    def _flat(self, given: Flat, taken: Flat, path: str, depth: int) -> list[Disagreement]:
        values, accepted = _all_values(given), accepted_values(taken)
        kind, wanted = _kind(given), _kind(taken)
        if values is not None:
            refused = [value for value in values if not _takes(taken, accepted, value)]
            if not refused:
                return []
            what = _described(given) if len(refused) == len(values) else _values(refused)
            return [Disagreement(path, f"may be {what}, accepted is {_described(taken)}")]
        if kind is None:
            return []
        if wanted is not None and not _is_kind(kind, wanted):
            return [Disagreement(path, f"may be {_described(given)}, accepted is {_described(taken)}")]
        if accepted is not None:
            is_any = kind in ENDLESS and not LIMITS & given.keys()
            return [Disagreement(path, f"may be any {kind}, accepted is {_values(accepted)}")] if is_any else []
        found = self._bounds(given, taken, path) if kind == wanted or wanted in NUMBERS else []
        if kind == "object":
            found += self._object(given, taken, path, depth)
        if kind == "array":
            found += self._items(given, taken, path, depth)
        return found

    def _object(self, given: Flat, taken: Flat, path: str, depth: int) -> list[Disagreement]:
        mine, theirs = mapping(given.get("properties")), mapping(taken.get("properties"))
        always = set(_required(given))
        found = []
        for key in _required(taken):
            if key not in always:
                what = "may be missing, and is required" if key in mine else "is missing, and is required"
                found.append(Disagreement(_inside(path, str(key)), what))
        for key, schema in mine.items():
            if schema is False:
                continue
            member = _member(taken, key)
            if member is False and key not in theirs:
                found.append(Disagreement(_inside(path, key), "is not accepted (additionalProperties: false)"))
            elif member is not None:
                found += self.compare(schema, member, _inside(path, key), depth)
        others, accepted = given.get("additionalProperties"), taken.get("additionalProperties")
        if isinstance(others, Mapping) and others and accepted is False:
            found.append(Disagreement(_inside(path, "*"), "is not accepted (additionalProperties: false)"))
        elif isinstance(others, Mapping) and isinstance(accepted, Mapping):
            found += self.compare(others, accepted, _inside(path, "*"), depth)
        return found

    def _bounds(self, given: Flat, taken: Flat, path: str) -> list[Disagreement]:
        found = []
        for keyword, other, is_lower in BOUNDS:
            bound = number(taken.get(keyword))
            if bound is None or abs(bound) >= MOST_EXACT:
                continue
            own = [value for key in (keyword, other) if (value := number(given.get(key))) is not None]
            if not own or (max(own) < bound if is_lower else min(own) > bound):
                side = "below" if is_lower else "above"
                found.append(Disagreement(path, f"may be {side} the {keyword} of {bound:g}"))
        if isinstance(taken.get("pattern"), str) and "pattern" not in given and "format" not in given:
            found.append(Disagreement(path, f"need not match the pattern {taken['pattern']}"))
        return found


class _Conflicts(_Comparison):
    def _none(self, path: str) -> list[Disagreement]:
        return []  # what is not there fits; where it must be there, its owner says so

    def _choose(self, left: Sequence[Flat], right: Sequence[Flat], path: str, depth: int) -> list[Disagreement]:
        found = [(given, self._nearest(given, right, path, depth)) for given in left]
        return min(found, key=lambda one: _distance(one[0], one[1], path))[1]

    def _flat(self, given: Flat, taken: Flat, path: str, depth: int) -> list[Disagreement]:
        for one, other in ((given, taken), (taken, given)):
            if (values := accepted_values(one)) is not None:
                accepted = accepted_values(other)
                if any(_takes(other, accepted, value) for value in values):
                    return []
                return [Disagreement(path, f"{_described(given)} here, {_described(taken)} there")]
        kind, wanted = _kind(given), _kind(taken)
        if kind is None or wanted is None:
            return []
        if not _is_kind(kind, wanted) and not _is_kind(wanted, kind):
            return [Disagreement(path, f"{_described(given)} here, {_described(taken)} there")]
        if kind == "object":
            return self._object(given, taken, path, depth)
        if kind == "array":
            return self._items(given, taken, path, depth)
        return _disjoint_bounds(given, taken, path)

    def _object(self, given: Flat, taken: Flat, path: str, depth: int) -> list[Disagreement]:
        found = [
            *(Disagreement(path, "required here, not accepted there") for path in _unwanted(given, taken, path)),
            *(Disagreement(path, "required there, not accepted here") for path in _unwanted(taken, given, path)),
        ]
        theirs = mapping(taken.get("properties"))
        for key, schema in mapping(given.get("properties")).items():
            if key in theirs:
                found += self.compare(schema, theirs[key], _inside(path, key), depth)
        return found


# --- parts of flat schemas


def _distance(option: Flat, found: Sequence[Disagreement], path: str) -> tuple[bool, bool, int]:
    """How far an alternative is from the other side: another kind of value, another one of a tagged union, the rest."""
    properties = mapping(option.get("properties"))
    tags = {_inside(path, key) for key, schema in properties.items() if "const" in mapping(schema)}
    return any(one.path == path for one in found), any(one.path in tags for one in found), len(found)


def _kind(schema: Flat) -> str | None:
    """The type of what fits, as the schema says or as its keywords mean; None when it says nothing."""
    kind = schema.get("type")
    if isinstance(kind, str):
        return kind
    if "properties" in schema:
        return "object"
    return "array" if "items" in schema or "prefixItems" in schema else None


def _all_values(schema: Flat) -> Sequence[object] | None:
    """The values that fit, where they are few."""
    listed = accepted_values(schema)
    return FEW.get(str(schema.get("type"))) if listed is None else listed


def _is_kind(kind: str, wanted: str) -> bool:
    return kind == wanted or (kind == "integer" and wanted == "number")


def _takes(schema: Flat, accepted: Sequence[object] | None, value: object) -> bool:
    if accepted is not None:
        return any(same(value, one) for one in accepted)
    wanted = _kind(schema)
    if wanted is not None and not _is_kind(type_of(value), wanted):
        return False
    size = float(len(value)) if isinstance(value, str) else number(value)
    if size is None:
        return True
    for keyword, _, is_lower in BOUNDS:
        bound = number(schema.get(keyword))
        applies = keyword.endswith("Length") is isinstance(value, str) and not keyword.endswith("Items")
        if applies and bound is not None and (size < bound if is_lower else size > bound):
            return False
    return True


def _required(schema: Flat) -> list[str]:
    """The names; whatever else stands there says nothing."""
    return [name for name in sequence(schema.get("required")) if isinstance(name, str)]


def _unwanted(schema: Flat, other: Flat, path: str) -> list[str]:
    """The paths of members that the schema requires and the other does not accept."""
    return [_inside(path, key) for key in _required(schema) if _member(other, key) is False]


def _member(schema: Flat, key: str) -> object:
    """What the schema says of a member: a schema, False when there must be none, None when it says nothing."""
    properties = mapping(schema.get("properties"))
    if key in properties:
        return properties[key]
    for pattern, found in mapping(schema.get("patternProperties")).items():
        try:
            if re.search(pattern, key):
                return found
        except re.error:
            return None
    return schema.get("additionalProperties", schema.get("unevaluatedProperties"))


def _positions(schema: Flat) -> tuple[Sequence[object], object]:
    """The schemas of the first items, and of the rest; None when nothing is said."""
    items = schema.get("items")
    if isinstance(items, (list, tuple)):
        return items, schema.get("additionalItems")
    return sequence(schema.get("prefixItems")), items


def _disjoint_bounds(one: Flat, other: Flat, path: str) -> list[Disagreement]:
    for lower, upper in (("minimum", "maximum"), ("minLength", "maxLength")):
        for first, second in ((one, other), (other, one)):
            least, most = number(first.get(lower)), number(second.get(upper))
            if least is not None and most is not None and least > most:
                return [Disagreement(path, f"at least {least:g} for one, at most {most:g} for the other")]
    return []


# --- words


def _described(schema: Flat) -> str:
    values = accepted_values(schema)
    return _values(values) if values is not None else _kind(schema) or "anything"


def _values(values: Sequence[object]) -> str:
    more = [f"{len(values) - MOST_VALUES} more"] if len(values) > MOST_VALUES else []
    return _listed([*(json.dumps(value, ensure_ascii=False) for value in values[:MOST_VALUES]), *more])


def _listed(words: Sequence[str]) -> str:
    if not words:
        return "nothing"
    *first, last = words
    return f"{', '.join(first)} or {last}" if first else last


def _inside(path: str, key: str) -> str:
    return f"{path}/{escape(key)}"
