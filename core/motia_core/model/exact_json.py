"""JSON text to values and back, with every number as it was written."""

from __future__ import annotations

import json
import re
from decimal import Context, Decimal
from typing import Any

import orjson

# What orjson would write otherwise than it was: fractions and exponents, integers beyond 64 bits.
_INEXACT = re.compile(rb"\d[.eE]|\d{19}")
FITS = range(-(2**63), 2**64)  # integers that orjson writes
_DECIMAL = Context(prec=34, traps=[])  # digits of a sum of fractions: twice those of a double


class Number:
    """A number that is kept as text."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


def read(text: bytes) -> Any:
    """The value of a JSON text: what `json` would give, with `Number` for what it would change.

    Raises:
        ValueError: It is no JSON, or nested too deeply.
    """
    if _INEXACT.search(text) is None:
        return orjson.loads(text)
    try:
        return json.loads(text.decode(), parse_float=Number, parse_int=_integer, parse_constant=_refuse)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def write(value: Any) -> bytes:
    """The JSON text of a value that `read` gave.

    Raises:
        ValueError: It is nested too deeply, or has half a surrogate pair in it.
    """
    try:
        return orjson.dumps(value, default=_fragment)
    except TypeError as error:
        raise ValueError(str(error)) from None


def is_number(value: object) -> bool:
    """Whether a value that `read` gave is a number."""
    return type(value) is int or type(value) is Number


def add(one: Any, other: Any) -> int | Number:
    """The sum of two numbers that `read` gave. Integers of any size are exact; fractions are added as decimals, so
    that 0.1 + 0.2 is 0.3.

    Raises:
        ValueError: There is no such number.
    """
    texts = [value.text if type(value) is Number else str(value) for value in (one, other)]
    if not any(mark in text for text in texts for mark in ".eE"):
        return _fitting(int(texts[0]) + int(texts[1]))
    total: Decimal = _DECIMAL.add(*(_DECIMAL.create_decimal(text) for text in texts))
    if not total.is_finite() or float(total) in (float("inf"), float("-inf")):
        raise ValueError("the sum is beyond what a number can be")
    return Number(str(total))


def _integer(text: str) -> int | Number:
    return Number(text) if len(text) > 20 else _fitting(int(text))


def _fitting(number: int) -> int | Number:
    return number if number in FITS else Number(str(number))


def _fragment(value: object) -> orjson.Fragment:
    if type(value) is Number:
        return orjson.Fragment(value.text)
    raise TypeError(f"a {type(value).__name__} is no JSON")


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")
