"""The rules of docs/protocol.md, by their names."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from motia_core.bundled import REPOSITORY

BUNDLED = Path(__file__).parent / "protocol.md"  # in the wheel
PAGE = BUNDLED if BUNDLED.exists() else REPOSITORY / "docs" / "protocol.md"
_RULE = re.compile(r"^- \*\*([A-Z]+-\d+)\*\* (.+(?:\n  .+)*)", re.MULTILINE)
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")


@cache
def rules() -> dict[str, str]:
    """Name → text, on one line."""
    text = PAGE.read_text("utf-8")
    return {name: _LINK.sub(r"\1", " ".join(words.split())) for name, words in _RULE.findall(text)}
