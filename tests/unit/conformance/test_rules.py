"""Which rules of docs/protocol.md the kit proves is known, and complete."""

from __future__ import annotations

import re
import tomllib

from motia_core.conformance import wired
from motia_core.conformance.case import CASES, cases
from motia_core.conformance.rules import PAGE, rules
from tests.repo.repository import ROOT

UNPROVED: dict[str, str] = tomllib.loads((CASES.parent / "unproved.toml").read_text())
PROVED = {rule for case in cases() for rule in case.rules} | wired.rules()


def test_every_case_says_which_rules_it_proves() -> None:
    assert [case.name for case in cases() if not case.rules] == []


def test_rules_that_cases_name_exist() -> None:
    assert sorted(PROVED - rules().keys()) == []


def test_rules_that_no_case_proves_are_listed_with_a_reason() -> None:
    assert sorted(UNPROVED) == sorted(rules().keys() - PROVED)
    assert all(UNPROVED.values())


def test_tests_that_prove_the_rest_are_there() -> None:
    named = {name for reason in UNPROVED.values() for name in re.findall(r"tests/[\w/.]+", reason)}
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_all_rules_of_the_page_are_read_with_their_text() -> None:
    assert len(rules()) == len(re.findall(r"^- \*\*[A-Z]+-\d+\*\*", PAGE.read_text(), re.MULTILINE))
    assert rules()["SHAPE-2"] == (
        "A message MUST hold at least one frame. A receiver MUST ignore a message without frames."
    )
    assert "](" not in "".join(rules().values())
