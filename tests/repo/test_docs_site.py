"""The documentation as a site: every page is in it, and it can be built."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.repo.repository import ROOT

CONFIG = ROOT / "zensical.toml"
NOT_IN_THE_MENU = ("decisions/",)  # reached from the pages that they explain


def pages(nav: list[Any]) -> Iterator[str]:
    for entry in nav:
        if isinstance(entry, str):
            yield entry
        else:
            for under in entry.values():
                yield from pages(under) if isinstance(under, list) else [under]


def test_every_page_is_in_the_menu() -> None:
    there = {str(path.relative_to(ROOT / "docs")) for path in (ROOT / "docs").rglob("*.md")}
    wanted = {page for page in there if not page.startswith(NOT_IN_THE_MENU)}
    assert sorted(pages(tomllib.loads(CONFIG.read_text())["project"]["nav"])) == sorted(wanted)


def test_the_site_is_built_without_a_warning(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    (tmp_path / "zensical.toml").write_text(CONFIG.read_text().replace('"build/site"', '"site"'))
    command = [Path(sys.executable).with_name("zensical"), "build", "--strict"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout[-3000:]
    assert "Concepts" in (tmp_path / "site" / "index.html").read_text()
