"""The pictures that documents show: all of them are there, and small enough for a repository."""

from __future__ import annotations

import re

from tests.repo.repository import ROOT

FOLDER = ROOT / "docs" / "screenshots"
SCRIPT = ROOT / "tests" / "npm" / "screenshots.mjs"
MOST_BYTES = 3_000_000


def test_every_page_is_there_in_every_view() -> None:
    pages = re.findall(r"^  \['([\w-]+)', ['`]#/", SCRIPT.read_text(), re.MULTILINE)
    assert "flows" in pages
    wanted = {
        f"{page}-{view}-{scheme}.webp" for page in pages for view in ("wide", "narrow") for scheme in ("light", "dark")
    }
    assert {path.name for path in FOLDER.iterdir()} == wanted
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < MOST_BYTES
