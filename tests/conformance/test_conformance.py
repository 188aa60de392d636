"""Our own SDKs behave as the cases of the kit say, under every profile; those for Python and Node in one project."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from motia_core.conformance.case import Case, cases
from motia_core.conformance.kit import attempt, judged
from motia_core.conformance.profiles import profiles
from motia_core.conformance.report import Outcome
from motia_core.conformance.stage import Setup, setups
from motia_core.conformance.subject import Subject
from tests.conformance.conftest import TESTED, TOGETHER, Stages, name_of

ABOUT_PROCESSES = ("life", "external_life", "hanging", "cut")  # profiles of what the languages of one SDK share


def _languages(subjects: Sequence[Subject], setup: Setup) -> list[str]:
    if setup.profile.name in ABOUT_PROCESSES:
        return [subject.languages[-1] for subject in subjects]
    return [lang for subject in subjects for lang in subject.languages]


def _runs() -> Iterator[object]:
    for subjects in TESTED:
        for setup in setups(subjects):
            name = name_of(subjects, setup)
            prefix = "" if name == "default" else f"{name}: "
            for case in setup.cases:
                for lang in _languages(subjects, setup):
                    yield pytest.param(subjects, setup, case, lang, id=f"{prefix}{case.name}[{lang}]")


def test_profiles_name_cases_that_exist() -> None:
    names = {case.name for case in cases()}
    for profile in profiles():
        assert set(profile.cases) <= names, profile.name


@pytest.mark.parametrize(("subjects", "setup", "case", "lang"), list(_runs()))
def test_case(subjects: Sequence[Subject], setup: Setup, case: Case, lang: str, stages: Stages) -> None:
    stage = stages(subjects, setup)
    result = judged(attempt(case, lang, stage), stage.subject_of(lang))
    said = "\n".join(result.said)
    told = f"{result.where}: expected {result.expected}; came {result.came} {result.reason}\n{said}"
    assert not result.outcome.is_red, told


def test_an_event_goes_through_three_languages(stages: Stages) -> None:
    (setup,) = (setup for setup in setups(TOGETHER) if setup.name == "default")
    (chain,) = (case for case in setup.cases if case.name == "l2_context/chain")
    route = ["chain.python", "chain.javascript"]
    emitted = {"topic": "chain.typescript", "data": {"run": "three", "n": 1, "route": route}}
    entries = [{"n": n, "lang": lang} for n, lang in enumerate(("typescript", "python", "javascript"), 1)]
    document = {
        "request": [{"method": "POST", "path": "/tools/emit", "json": [emitted]}],
        "eventually": [{"path": "/tools/journal/chain-three", "json_contains": entries, "same": "trace"}],
    }
    three = Case("l2_context/chain", chain.about, (), chain.steps, "", False, document)
    assert attempt(three, "typescript", stages(TOGETHER, setup)).outcome is Outcome.PASSED
