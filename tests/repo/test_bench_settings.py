"""What the benchmarks set is something that can be set."""

from __future__ import annotations

import re

from tests.repo.repository import ROOT

NAME = re.compile(r"\bMOTIA_[A-Z][A-Z_]+\b")


def test_settings_that_benchmarks_give_exist() -> None:
    known = set(NAME.findall((ROOT / "docs" / "configuration.md").read_text()))
    given = {path.name: set(NAME.findall(path.read_text())) for path in (ROOT / "bench").glob("*.py")}
    assert "MOTIA_TRACING_MAX_ATTEMPTS" in given["soak.py"]
    assert {name: unknown for name, names in given.items() if (unknown := names - known)} == {}
