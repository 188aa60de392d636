"""JSON between handlers and the core: how values are written, read, and what handlers see of them."""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import enum
import json
import math
import pathlib
import types
import uuid
from collections import deque
from collections.abc import Iterator, Mapping, Set
from typing import Any, NoReturn

from motia.errors import PayloadError


class Record(dict[str, Any]):
    """A JSON object: a dict whose keys can also be read and set as attributes."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        # Dunder names are asked for by copy, pickle and others; a key of that name must not answer them.
        if not name.startswith("__"):
            try:
                return self[name]
            except KeyError:
                pass
        raise AttributeError(f"no key {name!r} here; there are: {', '.join(map(str, self)) or 'none'}")

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value


class StoredRecord(Record):
    """A stored object. Without a key "data" it answers `["data"]` and `.get("data")` with itself, as Motia 0.17 did."""

    __slots__ = ()

    def __missing__(self, key: str) -> Any:
        if key == "data":
            return self
        raise KeyError(key)

    def get(self, key: str, default: Any = None) -> Any:
        """Like dict.get, and "data" is always there."""
        if key in self:
            return self[key]
        return self if key == "data" else default


class Missing(Mapping[str, Any]):
    """What `state.get` gives when there is nothing: falsy, equal to None, and `["data"]` is None. JSON: null."""

    __slots__ = ()

    def __bool__(self) -> bool:
        return False

    def __eq__(self, other: object) -> bool:
        return other is None or isinstance(other, Missing)

    def __hash__(self) -> int:
        return hash(None)

    def __contains__(self, key: object) -> bool:
        return key == "data"

    def __getitem__(self, key: str) -> Any:
        if key == "data":
            return None
        raise KeyError(key)

    def get(self, key: str, default: Any = None) -> Any:
        """None for "data", as in Motia 0.17; the default for everything else."""
        return None if key == "data" else default

    def __getattr__(self, name: str) -> Any:
        if name == "data":
            return None
        raise AttributeError(f"nothing is stored here, so there is no {name!r}")

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0

    def __repr__(self) -> str:
        return "None (motia: nothing is stored here)"


MISSING = Missing()


def to_json_value(value: Any) -> Any:
    """What a value that JSON does not know is written as. Raises TypeError for what has no sensible form."""
    if value is MISSING:
        return None
    dump = getattr(value, "model_dump", None)
    if dump is not None and not isinstance(value, type):
        return dump(mode="json")
    if isinstance(value, (datetime.datetime, datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, datetime.timedelta):
        return value.total_seconds()
    if isinstance(value, (uuid.UUID, decimal.Decimal, pathlib.PurePath)):
        return str(value)
    if isinstance(value, enum.Enum):
        return value.value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, types.SimpleNamespace):
        return vars(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (Set, deque)):
        return list(value)
    to_list = getattr(value, "tolist", None)  # numpy's arrays and scalars
    if to_list is not None and not isinstance(value, type):
        return to_list()
    raise TypeError(f"{type(value).__name__} is not JSON")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_write = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=to_json_value).encode
_write_ascii = json.JSONEncoder(allow_nan=False, separators=(",", ":"), default=to_json_value).encode
_read = json.JSONDecoder(object_hook=Record, parse_constant=_refuse_constant).decode


def encode(value: Any, name: str) -> bytes:
    """Write a value as JSON text. `name` says what it is in the error, for example "body"."""
    try:
        text = _write(value)
    except Exception as error:  # boundary: model_dump and the like are user code
        raise PayloadError(describe_fault(value, name) or f"{name} cannot be written as JSON: {error}") from error
    try:
        return text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair; JSON can carry it escaped
        return _write_ascii(value).encode()


def decode(text: bytes, name: str) -> Any:
    """Read JSON text; objects become Records. Integers keep their digits."""
    try:
        return _read(text.decode())
    except (ValueError, RecursionError) as error:
        raise PayloadError(f"{name} cannot be read: {error}") from error


def describe_fault(value: Any, path: str, parents: tuple[int, ...] = ()) -> str | None:
    """Find the first place that is not JSON and say what is wrong there; None when all is well."""
    if value is None or isinstance(value, (bool, str)):
        return None
    if isinstance(value, (int, float)):
        return _number_fault(value, path)
    if id(value) in parents:
        return f"{path} contains itself: JSON cannot express a cycle"
    if len(parents) > 200:
        return f"{path.split('.')[0].split('[')[0]} is nested too deeply for JSON"
    inside = (*parents, id(value))
    if isinstance(value, dict):
        return _dict_fault(value, path, inside)
    if isinstance(value, (list, tuple)):
        faults = (describe_fault(item, f"{path}[{index}]", inside) for index, item in enumerate(value))
        return next(filter(None, faults), None)
    try:
        written = to_json_value(value)
    except Exception as error:  # boundary: model_dump and the like are user code
        if isinstance(value, (bytes, bytearray, memoryview)):
            return f"{path} is {type(value).__name__}, which JSON cannot hold: decode it or use base64"
        return f"{path} is a {type(value).__name__}, which cannot be written as JSON ({error})"
    return describe_fault(written, path, inside)


def _number_fault(value: float, path: str) -> str | None:
    if isinstance(value, float) and not math.isfinite(value):
        return f"{path} is {value}, which JSON has no number for: use None or a string"
    try:
        repr(value)
    except ValueError as error:
        return f"{path}: {error}"
    return None


def _dict_fault(value: dict[Any, Any], path: str, inside: tuple[int, ...]) -> str | None:
    for key, item in value.items():
        if not (key is None or isinstance(key, (str, int, float))):
            return f"{path} has a key of type {type(key).__name__}: JSON keys are strings"
        if fault := describe_fault(item, f"{path}.{key}", inside):
            return fault
    return None
