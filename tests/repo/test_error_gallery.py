"""docs/error-gallery.md is what the code says today, and says what to do."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.repo.repository import ROOT

PAGE = ROOT / "docs" / "error-gallery.md"
STEPS = ROOT / "tests" / "projects" / "gallery" / "steps"


@pytest.mark.timeout(120)  # a dozen commands are run, and a core
def test_page_is_what_the_code_says(tmp_path: Path) -> None:
    made = tmp_path / "page.md"
    subprocess.run([sys.executable, ROOT / "tools" / "gen_gallery.py", "--out", made], check=True, timeout=110)
    assert made.read_text() == PAGE.read_text(), "run: make gallery"


def test_every_file_is_shown() -> None:
    shown = set(re.findall(r"^[✗!] steps/([\w.]+)", PAGE.read_text(), re.MULTILINE))
    files = {file.name for file in STEPS.iterdir() if file.is_file()}
    assert files - shown == {"same.step.ts"}  # it is the other one that is told of


def test_nothing_on_the_page_is_of_the_machine_that_made_it() -> None:
    folders = set(re.findall(r"(?<![\w.:/])/(?:home|root|tmp|var|private|Users|work)/[\w.-]+", PAGE.read_text()))
    assert folders <= {"/home/ada"}
    assert set(re.findall(r"pid (\d+)", PAGE.read_text())) == {"4242"}
