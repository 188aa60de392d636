"""The kit sees every rule that a sidecar breaks, and names it."""

from __future__ import annotations

import asyncio
import dataclasses
import re
import sys
import tomllib
from pathlib import Path

import pytest

from motia_core.conformance.wire import CASES, STEPS, Subject, prepare, run_case, run_cases
from motia_core.conformance.wire.process import Command
from motia_core.model.language import PYTHON
from tests.mutants import beginning, calling, ending, loading, losing, working
from tests.mutants.changes import FRAME_MUTANTS
from tests.mutants.mutant import MUTANTS, Mutant

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
WAIT_S = 1.5  # for what a mutant never does
AT_A_TIME = 3
RULE = re.compile(r"^- \*\*([A-Z]+-\d+)\*\*", re.MULTILINE)

assert all((beginning, calling, ending, loading, losing, working))


def subject_of(folder: Path, *arguments: str) -> Subject:
    """The sidecar in one file, or one of its mutants."""
    subject = asyncio.run(prepare(PYTHON, STEPS / "python", folder))
    return mutated(subject, *arguments)


def mutated(subject: Subject, *arguments: str) -> Subject:
    command = Command((sys.executable, "-m", "tests.mutants", *arguments), "python", {"PYTHONPATH": str(ROOT)})
    return dataclasses.replace(subject, command=command)


@pytest.mark.alone
def test_sidecar_that_keeps_every_rule_passes(tmp_path: Path) -> None:
    subject = subject_of(tmp_path)
    outcomes = asyncio.run(run_cases(CASES.values(), subject, AT_A_TIME))
    assert [str(each) for outcome in outcomes for each in outcome.broken] == []
    assert [outcome.case.name for outcome in outcomes if outcome.does_not_apply] == []


@pytest.mark.alone
@pytest.mark.timeout(120)
def test_every_mutant_is_caught_by_the_name_of_its_rule(tmp_path: Path) -> None:
    subject = subject_of(tmp_path)

    async def run() -> list[str]:
        free = asyncio.Semaphore(AT_A_TIME)

        async def missed(mutant: Mutant) -> str | None:
            async with free:
                outcome = await run_case(CASES[mutant.case], mutated(subject, mutant.name), WAIT_S)
            if mutant.rule in outcome.rules:
                return None
            return f"{mutant.name} breaks {mutant.rule}; {mutant.case} says {[str(each) for each in outcome.broken]}"

        return [each for each in await asyncio.gather(*map(missed, MUTANTS.values())) if each]

    assert asyncio.run(run()) == []


def test_every_rule_of_the_protocol_has_a_mutant_or_a_reason() -> None:
    rules = set(RULE.findall((ROOT / "docs" / "protocol.md").read_text()))
    reasons = {rule for table in tomllib.loads((HERE / "without.toml").read_text()).values() for rule in table}
    mutated_rules = {mutant.rule for mutant in (*MUTANTS.values(), *FRAME_MUTANTS.values())}
    assert len(rules) > 100
    assert sorted(rules - mutated_rules - reasons) == [], "neither a mutant nor a reason"
    assert sorted(reasons & mutated_rules) == [], "a mutant and a reason"
    assert sorted((reasons | mutated_rules) - rules) == [], "no rule of docs/protocol.md"


def test_wire_cases_name_rules_that_exist() -> None:
    rules = set(RULE.findall((ROOT / "docs" / "protocol.md").read_text()))
    named = {rule for case in CASES.values() for rule in case.rules}
    assert sorted(named - rules) == []


def test_every_mutant_breaks_what_its_case_is_there_to_prove() -> None:
    assert [each.name for each in MUTANTS.values() if each.rule not in CASES[each.case].rules] == []
