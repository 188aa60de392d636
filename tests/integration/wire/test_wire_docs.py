"""docs/conformance-wire.md lists every wire case as it is, and every step that is needed."""

from __future__ import annotations

from motia_core.conformance.wire import CASES, OPTIONAL, REQUIRED
from tests.repo.repository import ROOT, table

PAGE = ROOT / "docs" / "conformance-wire.md"


def test_page_lists_the_cases() -> None:
    rows = table(PAGE, "The cases")
    wanted = [[f"`{name}`", case.about, ", ".join(sorted(case.rules))] for name, case in sorted(CASES.items())]
    assert rows == wanted


def test_page_lists_the_steps() -> None:
    text = PAGE.read_text()
    assert [name for name in (*REQUIRED, *OPTIONAL) if f"| `{name}` |" not in text] == []
