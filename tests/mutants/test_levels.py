"""The cases of the levels fail with SDKs that break the rules that handlers see."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from motia_core.conformance import playing, sockets
from motia_core.conformance.case import cases
from motia_core.conformance.kit import attempt
from motia_core.conformance.report import Outcome, Result
from motia_core.conformance.stage import Stage, setups
from motia_core.conformance.subject import find_subject
from tests.mutants.changes import FRAME_MUTANTS, FrameMutant

ROOT = Path(__file__).parents[2]
WITHIN_S = 3.0  # for what never comes
PYTHON = find_subject("python")
INTERPRETER = """#!/bin/sh
PYTHONPATH="$PYTHONPATH:{root}" exec {python} -m tests.mutants.patched
"""
CASES = {case.name: case for case in cases()}


def rounds() -> Iterator[tuple[str, list[FrameMutant]]]:
    """Mutants that may share a core: no two of one case, and under one profile."""
    groups: dict[tuple[str, int], list[FrameMutant]] = {}
    for mutant in FRAME_MUTANTS.values():
        profile = str(CASES[mutant.case].document.get("profile", "default"))
        groups.setdefault((profile, mutant.round), []).append(mutant)
    for (profile, number), mutants in groups.items():
        yield f"{profile}-{number}", mutants


def test_mutants_break_what_their_cases_are_there_to_prove() -> None:
    assert [each.name for each in FRAME_MUTANTS.values() if each.rule not in CASES[each.case].rules] == []


@pytest.mark.alone
@pytest.mark.parametrize(("name", "mutants"), list(rounds()), ids=[name for name, _ in rounds()])
def test_every_mutant_fails_its_case(
    name: str, mutants: list[FrameMutant], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(playing, "WITHIN_S", WITHIN_S)
    monkeypatch.setattr(sockets, "WITHIN_S", WITHIN_S)
    results = played(name.partition("-")[0], mutants, [mutant.name for mutant in mutants], tmp_path, monkeypatch)
    missed = [
        f"{mutant.name} breaks {mutant.rule} in {mutant.case}"
        for mutant, each in zip(mutants, results, strict=True)
        if each.outcome is not Outcome.FAILED
    ]
    assert missed == []


@pytest.mark.alone
def test_cases_pass_when_nothing_is_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mutants = dict(rounds())["default-0"]
    results = played("default", mutants, [], tmp_path, monkeypatch)
    assert [(each.case, each.where, each.came) for each in results if each.outcome is not Outcome.PASSED] == []


def played(
    profile: str, mutants: list[FrameMutant], chosen: list[str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> list[Result]:
    """What comes of the cases of these mutants, when those of them that are chosen are at work."""
    interpreter = folder / "python"
    interpreter.write_text(INTERPRETER.format(root=ROOT, python=sys.executable))
    interpreter.chmod(0o755)
    monkeypatch.setenv("MOTIA_SIDECARS_PYTHON", str(interpreter))
    monkeypatch.setenv("FRAME_MUTANTS", " ".join(chosen))
    (setup,) = setups([PYTHON], [CASES[mutant.case] for mutant in mutants], profile)
    with closing(Stage(setup, [PYTHON], folder / "stage", folder / "builds")) as stage:
        assert stage.core.url
        with ThreadPoolExecutor(8) as threads:
            return list(threads.map(lambda mutant: attempt(CASES[mutant.case], "python", stage), mutants))
