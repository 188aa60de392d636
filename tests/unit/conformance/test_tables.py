"""The table in an SDK's README is that of its cases."""

from __future__ import annotations

import re

import pytest

from motia_core.bundled import sdk_folder
from motia_core.conformance import wired
from motia_core.conformance.case import cases
from motia_core.conformance.stage import setups
from motia_core.conformance.subject import find_subject
from motia_core.conformance.table import LEVELS
from motia_core.project.sdk_file import BUNDLED, FILE
from tests.repo.repository import table

NAMES = ["python", "node", *(name for name in BUNDLED if (sdk_folder(name) / FILE).exists())]
HEADING = "Conformance"


@pytest.mark.parametrize("name", NAMES)
def test_readme_has_the_table_that_the_kit_writes(name: str) -> None:
    subject = find_subject(name)
    readme = sdk_folder(name) / "README.md"
    rows = {row[0]: list(map(int, row[1:])) for row in table(readme, HEADING)}
    assert list(rows) == list(LEVELS.values())
    run = {case.name for setup in setups([subject]) for case in setup.cases}
    for level in ("1", "2", "3"):
        its = {case.name for case in cases() if case.level == level and case.name in run}
        gaps = {gap.rpartition(": ")[2].partition("[")[0] for gap in subject.gaps} & its
        assert rows[LEVELS[level]] == [len(its), len(its) - len(gaps), len(gaps), 0]
    number, passed, gaps_of_wire, failed = rows[LEVELS["wire"]]
    assert (number, failed) == (passed + gaps_of_wire, 0)
    if subject.folder is None:  # others may lack what some wire cases are about: those do not count
        assert number == len(wired.names())
    told = dict(re.findall(r"^\| `([^`]+)` \| (.+) \|$", readme.read_text(), re.MULTILINE))
    assert {gap: told.get(gap.partition("[")[0]) for gap in subject.gaps} == dict(subject.gaps)
