"""JSON in both directions, and what handlers see of it."""

from __future__ import annotations

import copy
import dataclasses
import datetime
import decimal
import enum
import json
import pathlib
import pickle
import uuid
from collections import deque
from typing import Any

import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st

from motia.errors import PayloadError
from motia.payload import MISSING, Record, StoredRecord, decode, encode

json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(json_values)
def test_values_survive(value: Any) -> None:
    assert decode(encode(value, "v"), "v") == value


class Colour(enum.Enum):
    RED = "red"


class Level(str, enum.Enum):  # noqa: UP042 - the form that Python 3.10 has
    HIGH = "high"


@dataclasses.dataclass
class Point:
    x: int
    at: datetime.date


class Item(pydantic.BaseModel):
    name: str
    due: datetime.datetime


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (datetime.datetime.fromisoformat("2026-01-02T03:04:00+00:00"), '"2026-01-02T03:04:00+00:00"'),
        (datetime.timedelta(seconds=1.5), "1.5"),
        (uuid.UUID(int=1), '"00000000-0000-0000-0000-000000000001"'),
        (decimal.Decimal("1.10"), '"1.10"'),
        (pathlib.PurePosixPath("a/b"), '"a/b"'),
        (Colour.RED, '"red"'),
        (Level.HIGH, '"high"'),
        (Point(1, datetime.date(2026, 1, 2)), '{"x":1,"at":"2026-01-02"}'),
        ([Item(name="ü", due=datetime.datetime(2026, 1, 2))], '[{"name":"ü","due":"2026-01-02T00:00:00"}]'),
        ({1: {2}, None: deque([3])}, '{"1":[2],"null":[3]}'),
        ({"m": MISSING}, '{"m":null}'),
        (10**100, str(10**100)),
        ("\ud800", '"\\ud800"'),
    ],
)
def test_python_values_have_a_json_form(value: Any, text: str) -> None:
    assert encode(value, "v").decode() == text


def cyclic() -> list[Any]:
    value: list[Any] = [1]
    value.append({"self": value})
    return value


def nested() -> list[Any]:
    value: list[Any] = []
    for _ in range(100_000):
        value = [value]
    return value


class Broken(pydantic.BaseModel):
    @pydantic.model_serializer
    def serialise(self) -> None:
        raise RuntimeError("no")


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (object(), "v is a object, which cannot be written"),
        ({"a": [1, {"b": float("inf")}]}, "v.a[1].b is inf"),
        ({"a": {(1, 2): 3}}, "v.a has a key of type tuple"),
        ((1, b"x"), "v[1] is bytes, which JSON cannot hold"),
        (cyclic(), "v[1].self contains itself"),
        (nested(), "v is nested too deeply"),
        ({"n": 10**5000}, "v.n: Exceeds the limit"),
        ({"p": Point(1, object())}, "v.p.at is a object"),  # type: ignore[arg-type]
        ([Broken()], "v[0] is a Broken"),
    ],
)
def test_what_is_not_json_is_named(value: Any, said: str) -> None:
    with pytest.raises(PayloadError) as caught:
        encode(value, "v")
    assert said in str(caught.value)


@pytest.mark.parametrize("text", [b"{", b"NaN", b"[Infinity]", b"\xff", b"1" * 5000, b"[" * 100_000])
def test_what_cannot_be_read_is_said(text: bytes) -> None:
    with pytest.raises(PayloadError, match=r"^body cannot be read"):
        decode(text, "body")


def test_record_is_a_dict_with_attributes() -> None:
    record = decode(b'{"a":{"b":[{"c":1}]},"items":2,"__deepcopy__":3}', "v")
    assert record.a.b[0].c == 1
    assert record["items"] == 2
    assert callable(record.items)
    record.user = "u"
    assert record["user"] == "u"
    assert not hasattr(record, "nope")
    with pytest.raises(AttributeError, match="there are: a, items"):
        _ = record.nope
    for other in (copy.deepcopy(record), pickle.loads(pickle.dumps(record)), json.loads(json.dumps(record))):
        assert other == record


def test_stored_record_answers_to_data() -> None:
    plain = StoredRecord(a=1)
    assert plain["data"] is plain.get("data") is plain.data is plain
    assert plain.get("b", 2) == 2
    assert "data" not in plain
    with pytest.raises(KeyError):
        _ = plain["b"]
    assert StoredRecord(data=None)["data"] is None
    assert StoredRecord(data=None).get("data", 1) is None


def test_missing_is_as_none_as_python_allows() -> None:
    assert not MISSING
    assert MISSING == None  # noqa: E711 - the point of the test
    assert MISSING == None  # noqa: E711
    assert MISSING != {}
    assert MISSING["data"] is None
    assert MISSING.get("data", 1) is None
    assert MISSING.get("a", 1) == 1
    assert dict(MISSING) == {}
    assert repr(MISSING).startswith("None")
    assert MISSING in {None}
    with pytest.raises(KeyError):
        _ = MISSING["a"]
    with pytest.raises(AttributeError, match="nothing is stored"):
        _ = MISSING.a
    assert isinstance(Record(), dict)
