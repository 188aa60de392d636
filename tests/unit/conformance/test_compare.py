"""What counts as the same."""

from __future__ import annotations

import pytest

from motia_core.conformance.compare import NotSoError, contains, equal, expect, shown


@pytest.mark.parametrize(
    ("found", "wanted", "is_so"),
    [
        ({"a": [1, {"b": None}]}, {"a": [1, {"b": None}]}, True),
        ({"a": 1}, {"a": True}, False),  # in Python they are the same
        ([0], [False], False),
        ({"a": 1, "b": 2}, {"a": 1}, False),
        ([1, 2], [1], False),
        (9007199254740993, 9007199254740993, True),
        (9007199254740992, 9007199254740993, False),
    ],
)
def test_equal(found: object, wanted: object, is_so: bool) -> None:
    assert equal(found, wanted) is is_so


@pytest.mark.parametrize(
    ("found", "wanted", "is_so"),
    [
        ({"a": 1, "b": 2}, {"a": 1}, True),
        ([{"a": 1}, 2], [{}], True),
        ({"a": 1}, {"b": 1}, False),
        ([1], [1, 2], False),
        ("text", {"a": 1}, False),
    ],
)
def test_contains(found: object, wanted: object, is_so: bool) -> None:
    assert contains(found, wanted) is is_so


def test_what_is_not_so_says_where_and_what() -> None:
    with pytest.raises(NotSoError) as raised:
        expect(False, "GET /go/echo", "1", "2")
    assert str(raised.value) == "GET /go/echo: expected 1; came 2"
    assert shown("x" * 5_000).endswith("… (5000 characters)")
