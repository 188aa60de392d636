"""Compares what came with what a case expects."""

from __future__ import annotations

import json
from typing import Any

Json = Any
LONGEST = 2_000  # characters of what is shown


class NotSoError(AssertionError):
    """Something is not as a case says.

    Args:
        where: What was done, such as "GET /go/echo".
    """

    def __init__(self, where: str, expected: str, came: str) -> None:
        self.where = where
        self.expected = shown(expected)
        self.came = shown(came)
        super().__init__(f"{where}: expected {self.expected}; came {self.came}")


def expect(is_so: bool, where: str, expected: str, came: str) -> None:
    """Fail unless something is so."""
    if not is_so:
        raise NotSoError(where, expected, came)


def equal(found: Json, wanted: Json) -> bool:
    """Whether JSON values are the same; unlike in Python, true is not 1."""
    if isinstance(found, bool) or isinstance(wanted, bool):
        return found is wanted
    if isinstance(found, dict) and isinstance(wanted, dict):
        return found.keys() == wanted.keys() and all(equal(found[key], wanted[key]) for key in wanted)
    if isinstance(found, list) and isinstance(wanted, list):
        return len(found) == len(wanted) and all(map(equal, found, wanted))
    return bool(found == wanted)


def contains(found: Json, wanted: Json) -> bool:
    """Whether `found` has everything that `wanted` has: keys of objects, leading entries of lists."""
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(key in found and contains(found[key], wanted[key]) for key in wanted)
    if isinstance(wanted, list):
        return isinstance(found, list) and len(found) >= len(wanted) and all(map(contains, found, wanted))
    return equal(found, wanted)


def text_of(value: Json) -> str:
    """JSON text as people compare it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def shown(text: str) -> str:
    """Text that is not too long to be shown."""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}… ({len(text)} characters)"
