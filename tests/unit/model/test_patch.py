"""Operations on JSON values: what they do, and what is said about those that cannot be done."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motia_core.errors import PatchError
from motia_core.model.patch import apply


def patched(value: Any, *operations: dict[str, Any]) -> Any:
    """The new value; ... stands for none, before and after."""
    text = apply(None if value is ... else json.dumps(value).encode(), json.dumps(operations).encode())
    return ... if text is None else json.loads(text)


def op(kind: str, path: str, **rest: Any) -> dict[str, Any]:
    return {"type": kind, "path": path, **rest}


@pytest.mark.parametrize(
    ("value", "operation", "result"),
    [
        (..., op("set", "", value=1), 1),
        ({"a": 1}, op("set", "", value=[2]), [2]),
        (..., op("set", "/a/b", value=1), {"a": {"b": 1}}),
        ({"a": None}, op("set", "/a/b", value=1), {"a": {"b": 1}}),
        ({"a": {"b": 1, "c": 2}}, op("set", "/a/b", value=None), {"a": {"b": None, "c": 2}}),
        ({"": 1}, op("set", "/", value=2), {"": 2}),
        ({"a/b": 1, "m~n": 1, "~1": 1}, op("set", "/a~1b", value=2), {"a/b": 2, "m~n": 1, "~1": 1}),
        ({"a/b": 1, "m~n": 1, "~1": 1}, op("set", "/m~0n", value=2), {"a/b": 1, "m~n": 2, "~1": 1}),
        ({"a/b": 1, "m~n": 1, "~1": 1}, op("set", "/~01", value=2), {"a/b": 1, "m~n": 1, "~1": 2}),
        ({"a": [1, 2]}, op("set", "/a/1", value=3), {"a": [1, 3]}),
        ({"a": [1, 2]}, op("set", "/a/-", value=3), {"a": [1, 2, 3]}),
        ({"a": [1, 2]}, op("set", "/a/2", value=3), {"a": [1, 2, 3]}),
        ({"a": [{"n": 1}]}, op("set", "/a/0/n", value=3), {"a": [{"n": 3}]}),
        ([], op("set", "/-/n", value=3), [{"n": 3}]),
        ({"0": 1}, op("set", "/0", value=2), {"0": 2}),
        (..., op("merge", "", value={"a": 1}), {"a": 1}),
        ({"a": 1, "b": 1}, op("merge", "", value={"b": 2, "c": {}}), {"a": 1, "b": 2, "c": {}}),
        ({"a": {"b": {"c": 1}}}, op("merge", "/a", value={"b": {"d": 1}}), {"a": {"b": {"d": 1}}}),
        (..., op("increment", "", by=5), 5),
        (..., op("increment", "/n"), {"n": 1}),
        ({"n": 1}, op("increment", "/n"), {"n": 2}),
        ({"n": 1}, op("increment", "/n", by=-3), {"n": -2}),
        ({"n": 0.1}, op("increment", "/n", by=0.2), {"n": 0.3}),
        ({"n": 2**64}, op("increment", "/n"), {"n": 2**64 + 1}),
        ({"n": None}, op("increment", "/n"), {"n": 1}),
        ([1], op("increment", "/-"), [1, 1]),
        (..., op("append", "", value=1), [1]),
        ({"a": [1]}, op("append", "/a", value=[2]), {"a": [1, [2]]}),
        ({"a": None}, op("append", "/a", value=None), {"a": [None]}),
        ({"a": 1}, op("remove", ""), ...),
        (..., op("remove", ""), ...),
        (..., op("remove", "/a"), ...),
        (None, op("remove", "/a"), None),
        ({"a": 1, "b": 2}, op("remove", "/a"), {"b": 2}),
        ({"a": 1}, op("remove", "/b/c"), {"a": 1}),
        ({"a": 1}, op("remove", "/a/c"), {"a": 1}),
        ({"a": [1, 2, 3]}, op("remove", "/a/1"), {"a": [1, 3]}),
        ({"a": [1]}, op("remove", "/a/1"), {"a": [1]}),
        ({"a": [1]}, op("remove", "/a/-"), {"a": [1]}),
        ({"a": [{"b": 1}]}, op("remove", "/a/0/b"), {"a": [{}]}),
    ],
)
def test_operation(value: Any, operation: dict[str, Any], result: Any) -> None:
    assert patched(value, operation) == result


def test_operations_see_those_before_them() -> None:
    operations = [
        op("set", "/items", value=[]),
        op("append", "/items", value={"n": 1}),
        op("increment", "/items/0/n", by=4),
        op("remove", "/old"),
    ]
    assert patched({"old": 1}, *operations) == {"items": [{"n": 5}]}
    assert patched({"a": 1}, op("remove", ""), op("set", "/b", value=2)) == {"b": 2}


def test_other_members_stay_as_they_were_written() -> None:
    text = b'{"big":123456789012345678901234567890,"money":1.10,"far":1e400,"n":1,"s":"\xc3\xa9\\n"}'
    assert apply(text, b'[{"type":"increment","path":"/n"}]') == text.replace(b'"n":1', b'"n":2')


@pytest.mark.parametrize(
    ("value", "operation", "message"),
    [
        ({"n": "x"}, op("increment", "/n"), "at '/n'): a number must be there, found the string \"x\""),
        ({"n": True}, op("increment", "/n"), "a number must be there, found true"),
        ({"n": 1}, op("increment", "/n", by="1"), 'by must be a number, found the string "1"'),
        ({"n": 1}, op("increment", "/n", by=None), "by must be a number, found null"),
        ({"n": 1e308}, op("increment", "/n", by=1e308), "beyond what a number can be"),
        ({"a": 1}, op("append", "/a", value=1), "an array must be there, found the number 1"),
        ({"a": 1.5}, op("append", "/a", value=1), "an array must be there, found the number 1.5"),
        ([1], op("merge", "", value={}), "an object must be there, found a list"),
        ({}, op("merge", "", value=[]), "its value must be an object, found an empty list"),
        ({"a": {"b": 5}}, op("set", "/a/b/c", value=1), "'/a/b' is the number 5, it has no member 'c'"),
        ("text", op("set", "/a", value=1), "it has no member 'a'"),
        ({"a": [1]}, op("set", "/a/2", value=1), "'/a' is an array of 1, it has no place '2'; '-' appends"),
        ({"a": [1]}, op("set", "/a/00", value=1), "it has no place '00'"),
        ({"a": [1]}, op("set", "/a/-1", value=1), "it has no place '-1'"),
        ({"a": [1]}, op("set", "/a/b/c", value=1), "it has no place 'b'"),
        ({}, op("set", "/a"), "its value is missing"),
        ({}, op("set", "a/b", value=1), "must start with a slash: write '/a/b'"),
        ({}, op("set", "/a~2", value=1), "write ~0 for ~ and ~1 for /"),
        ({}, {"type": "set", "value": 1}, "its path must be a string such as '/items/0/price', found nothing"),
        ({}, op("set", ["a"], value=1), "its path must be a string"),  # type: ignore[arg-type]  # on purpose
        ({}, op("incr", "/a"), "did you mean increment?"),
        ({}, op("zzz", "/a"), 'found the string "zzz"'),
        ({}, {"path": "/a"}, "its type must be one of set, merge, increment, append, remove; found null"),
        ({}, op("increment", "/a", value=5), "increment has no 'value': it has type, path, by"),
        ({}, op("set", "/a", vaule=5), "did you mean value?"),
        ({}, 5, "it must be an object with type and path, found the number 5"),
    ],
)
def test_operation_that_cannot_be_done(value: Any, operation: Any, message: str) -> None:
    with pytest.raises(PatchError) as caught:
        patched(value, op("set", "/fine", value=1) if isinstance(value, dict) else op("remove", "/fine"), operation)
    assert caught.value.message.startswith("operation 2")
    assert message in caught.value.message


@pytest.mark.parametrize("operations", [b"", b"{}", b"[]", b"null", b"[{]", b"5"])
def test_what_are_no_operations(operations: bytes) -> None:
    with pytest.raises(PatchError, match="operations"):
        apply(b"1", operations)


@pytest.mark.parametrize("value", [b"{", b'"\\ud800"', b"[" * 5_000 + b"]" * 5_000])
def test_value_that_cannot_be_read_is_refused(value: bytes) -> None:
    with pytest.raises(PatchError, match="cannot be read"):
        apply(value, b'[{"type":"set","path":"/a","value":1}]')


def test_path_that_nests_too_deeply_is_refused() -> None:
    with pytest.raises(PatchError, match="cannot be written"):
        patched({}, op("set", "/a" * 50_000, value=1))


def test_long_values_are_cut_in_messages() -> None:
    with pytest.raises(PatchError) as caught:
        patched({"n": "x" * 9_000}, op("increment", "/n" + "/a" * 2_000))
    assert len(caught.value.message) < 5_000


# --- against a model that makes a copy of everything

NAMES = st.sampled_from(["a", "b", "0", "1", "-"])
PATHS = st.lists(NAMES, max_size=3)
VALUES = st.recursive(
    st.none() | st.integers(-5, 5) | st.just("s"),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["a", "b", "0"]), inner, max_size=2),
    max_leaves=5,
)
GONE: Any = ...


def model(value: Any, kind: str, path: list[str], argument: Any) -> Any:
    """One operation on a copy; raises ValueError when it cannot be done."""
    if path:
        return _member(copy.deepcopy(value), kind, path, argument)
    missing = value is GONE or value is None
    if kind == "remove":
        return GONE
    if kind == "set":
        return argument
    if kind == "increment" and (missing or type(value) is int):
        return argument + (0 if missing else value)
    if kind == "append" and (missing or isinstance(value, list)):
        return [*([] if missing else value), argument]
    if kind == "merge" and (missing or isinstance(value, dict)):
        return {**({} if missing else value), **argument}
    raise ValueError


def _member(value: Any, kind: str, path: list[str], argument: Any) -> Any:
    name = path[0]
    if value is GONE or value is None:
        if kind == "remove":
            return value
        value = {}
    if isinstance(value, dict):
        pairs = value
        changed = model(value.get(name, GONE), kind, path[1:], argument)
        return {key: item for key, item in {**pairs, name: changed}.items() if item is not GONE}
    index = (len(value) if name == "-" else int(name) if name.isdigit() else None) if isinstance(value, list) else None
    if index is None or index > len(value):
        if kind == "remove":
            return value
        raise ValueError
    changed = model(value[index] if index < len(value) else GONE, kind, path[1:], argument)
    return value[:index] + ([] if changed is GONE else [changed]) + value[index + 1 :]


@st.composite
def operations(draw: st.DrawFn) -> tuple[str, list[str], Any]:
    kind = draw(st.sampled_from(["set", "merge", "increment", "append", "remove"]))
    arguments = {"merge": st.dictionaries(st.sampled_from(["a", "b"]), VALUES, max_size=2), "increment": st.integers()}
    return kind, draw(PATHS), draw(arguments.get(kind, VALUES))


def written(kind: str, path: list[str], argument: Any) -> dict[str, Any]:
    member = {"increment": {"by": argument}, "remove": {}}.get(kind, {"value": argument})
    return op(kind, "".join(f"/{name}" for name in path), **member)


@given(VALUES | st.just(GONE), st.lists(operations(), min_size=1, max_size=4))
def test_operations_do_what_the_model_does(value: Any, todo: list[tuple[str, list[str], Any]]) -> None:
    expected = value
    try:
        for kind, path, argument in todo:
            expected = model(expected, kind, path, argument)
    except ValueError:
        expected = ValueError
    before = None if value is GONE else json.dumps(value).encode()
    try:
        after = apply(before, json.dumps([written(*one) for one in todo]).encode())
    except PatchError:
        assert expected is ValueError
    else:
        assert (GONE if after is None else json.loads(after)) == expected
