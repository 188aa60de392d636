"""JSON whose numbers stay as they were written."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motia_core.model.exact_json import Number, add, is_number, read, write

NUMBERS = ["0", "-7", "1.10", "1e400", "-0.0", "1E+2", "18446744073709551616", "9" * 400, "-9223372036854775809"]


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("form", ["%s", "[%s]", '{"a":{"b":[1,%s]},"s":"1.5"}'])
def test_number_stays_as_it_was_written(number: str, form: str) -> None:
    text = (form % number).encode()
    assert write(read(text)) == text


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_any_value_comes_back(value: object) -> None:
    text = json.dumps(value, ensure_ascii=False).encode()
    assert json.loads(write(read(text))) == value


@pytest.mark.parametrize("text", [b"", b"{", b"[1.5", b"NaN", b"[1.5,NaN]", b"\xff", b"[1.5]\xff", b"[" * 100_000])
def test_what_is_no_json_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError):
        read(text)


def test_deep_values_are_refused_and_end_nothing() -> None:
    with pytest.raises(ValueError, match="nested too deeply"):
        read(b"[" * 100_000 + b"1.5" + b"]" * 100_000)
    value: list[object] = []
    for _ in range(5_000):
        value = [value]
    with pytest.raises(ValueError):
        write(value)


def text_of(number: int | Number) -> str:
    return number.text if isinstance(number, Number) else str(number)


@given(st.integers(), st.integers())
def test_sum_of_integers_is_exact(one: int, other: int) -> None:
    total = add(read(str(one).encode()), read(str(other).encode()))
    assert is_number(total)
    assert text_of(total) == str(one + other)
    assert write(total) == str(one + other).encode()


@given(st.decimals(-(10**9), 10**9, places=6), st.decimals(-(10**9), 10**9, places=3))
def test_sum_of_fractions_is_exact(one: object, other: object) -> None:
    total = add(Number(str(one)), Number(str(other)))
    assert Fraction(text_of(total)) == Fraction(str(one)) + Fraction(str(other))


@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(allow_nan=False, allow_infinity=False))
def test_sum_is_json_that_every_language_reads(one: float, other: float) -> None:
    try:
        text = write(add(Number(repr(one)), Number(repr(other))))
    except ValueError:
        assert abs(one + other) > 1e308
    else:
        assert json.loads(text) == pytest.approx(
            float(Fraction(repr(one)) + Fraction(repr(other)))
        )  # one + other rounds


@pytest.mark.parametrize(
    ("one", "other"), [("1e308", "1e308"), ("1e400", "1"), ("1e" + "9" * 30, "1"), ("9" * 5_000, "1")]
)
def test_sum_that_no_language_reads_is_refused(one: str, other: str) -> None:
    with pytest.raises(ValueError):
        add(Number(one), Number(other))


@pytest.mark.parametrize("value", [True, None, "1", 1.5, [], {}])
def test_other_values_are_no_numbers(value: object) -> None:
    assert not is_number(value)
