"""Cases and their step files fit together."""

from __future__ import annotations

import pytest

from motia_core.conformance.case import CASES, Case, cases, filled
from motia_core.conformance.kit import check_files
from motia_core.conformance.profiles import profiles
from motia_core.conformance.stage import setups
from motia_core.conformance.subject import find_subject

OURS = [find_subject("python"), find_subject("node")]


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_each_case_has_its_step_files_in_all_our_languages(case: Case) -> None:
    for subject in OURS:
        for lang in subject.languages:
            if case.name not in subject.gaps:
                check_files(case, lang, subject)


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_each_case_runs_under_a_profile(case: Case) -> None:
    assert case.profile in ("", *(profile.name for profile in profiles()))
    assert [setup.name for setup in setups(OURS, [case])]
    for place in case.steps:
        assert (CASES / place).is_dir(), place


def test_cases_of_level_3_are_not_beside_those_of_the_others() -> None:
    assert [case.name for case in cases() if case.level == "3" and not case.profile] == []
    for setup in setups(OURS):
        levels = {case.level == "3" for case in setup.cases}
        assert len(levels) == 1, setup.name


def test_words_are_filled_in_everywhere() -> None:
    document = {"a {lang}": ["{lang}", {"b": "{lang}{lang}"}, 1]}
    assert filled(document, {"lang": "go"}) == {"a go": ["go", {"b": "gogo"}, 1]}
