"""Every SDK behaves as the cases say, under every profile."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conformance.conftest import PROFILES, Cores
from tests.conformance.runner import Case, cases, known_gaps, run


def _runs() -> Iterator[object]:
    for profile, document in PROFILES.items():
        only = document.get("only")
        for case in cases():
            if case.name in only if isinstance(only, list) else case.is_in_default:
                for language in case.languages:
                    prefix = "" if profile == "default" else f"{profile}: "
                    yield pytest.param(profile, case, language, id=f"{prefix}{case.name}[{language}]")


def test_profiles_name_cases_that_exist() -> None:
    names = {case.name for case in cases()}
    for profile, document in PROFILES.items():
        only = document.get("only", [])
        assert isinstance(only, list)
        assert set(only) <= names, profile


@pytest.mark.parametrize(("profile", "case", "language"), list(_runs()))
def test_case(profile: str, case: Case, language: str, cores: Cores) -> None:
    if known_gaps(language).get(case.name) is None:
        run(case, language, cores(profile))
        return
    with pytest.raises(AssertionError):  # a gap that has closed must leave the list
        run(case, language, cores(profile))
