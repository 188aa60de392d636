"""Our own SDKs behave as the cases of the kit say, under every profile, side by side in one project."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from motia_core.conformance.case import Case, cases
from motia_core.conformance.kit import attempt
from motia_core.conformance.profiles import profiles
from motia_core.conformance.report import Outcome
from motia_core.conformance.stage import Setup, setups
from tests.conformance.conftest import SUBJECTS, Stages

LANGUAGES = [lang for subject in SUBJECTS for lang in subject.languages]


def _runs() -> Iterator[object]:
    for setup in setups(SUBJECTS):
        for case in setup.cases:
            for lang in LANGUAGES:
                prefix = "" if setup.name == "default" else f"{setup.name}: "
                yield pytest.param(setup, case, lang, id=f"{prefix}{case.name}[{lang}]")


def test_profiles_name_cases_that_exist() -> None:
    names = {case.name for case in cases()}
    for profile in profiles():
        assert set(profile.cases) <= names, profile.name


@pytest.mark.parametrize(("setup", "case", "lang"), list(_runs()))
def test_case(setup: Setup, case: Case, lang: str, stages: Stages) -> None:
    stage = stages(setup)
    result = attempt(case, lang, stage)
    expected = Outcome.FAILED if case.name in stage.subject_of(lang).gaps else Outcome.PASSED
    said = "\n".join(result.said)
    assert result.outcome is expected, f"{result.where}: expected {result.expected}; came {result.came}\n{said}"


def test_an_event_goes_through_three_languages(stages: Stages) -> None:
    (setup,) = (setup for setup in setups(SUBJECTS) if setup.name == "default")
    (chain,) = (case for case in setup.cases if case.name == "l2_context/chain")
    route = ["chain.python", "chain.javascript"]
    emitted = {"topic": "chain.typescript", "data": {"run": "three", "n": 1, "route": route}}
    entries = [{"n": n, "lang": lang} for n, lang in enumerate(("typescript", "python", "javascript"), 1)]
    document = {
        "request": [{"method": "POST", "path": "/tools/emit", "json": [emitted]}],
        "eventually": [{"path": "/tools/journal/chain-three", "json_contains": entries, "same": "trace"}],
    }
    three = Case("l2_context/chain", chain.about, (), chain.steps, "", False, document)
    assert attempt(three, "typescript", stages(setup)).outcome is Outcome.PASSED
