"""How values and mistakes are put into words."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from difflib import get_close_matches

LONGEST_QUOTE = 40  # characters of a value that are shown
UNLIMITED = 2**53  # the largest number that all languages count to


def did_you_mean(word: str, known: Collection[str], *, nearness: float = 0.6) -> str:
    """A question with the word that was probably meant; empty when none is as near as that, from 0 to 1."""
    by_key = {_plain(name): name for name in known}
    near = get_close_matches(_plain(word), by_key, n=1, cutoff=nearness)
    return f"did you mean {by_key[near[0]]}?" if near else ""


def describe(value: object) -> str:
    """A JSON value as a person would name it."""
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case int() | float():
            return f"the number {value}"
        case str():
            shown = value if len(value) <= LONGEST_QUOTE else f"{value[: LONGEST_QUOTE - 1]}…"
            return f"the string {json.dumps(shown, ensure_ascii=False)}"
        case list() | tuple():
            return "a list" if value else "an empty list"
        case Mapping():
            return "an object"
        case _:
            return f"a {type(value).__name__}"


def _plain(word: str) -> str:
    return re.sub(r"[^a-z0-9]", "", word.lower())
