"""What of a new version must not replace what is served, and what people are told of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from motia_core.model.project import Problem
from motia_core.model.versions import broken_groups, updated, with_problems_of
from tests.fakes.projects import a_project


@dataclass(frozen=True)
class Config:
    path: str


def error(file: str, cause: str = "no such module") -> Problem:
    return Problem("error", file, "import", cause)


TS, PY = "steps/a.step.ts", "steps/b_step.py"
NOOP: dict[str, object] = {"type": "noop"}
BOTH = a_project({TS: {**NOOP, "name": "A"}, PY: {**NOOP, "name": "B"}})


def test_group_is_broken_when_a_file_that_is_served_fails() -> None:
    assert broken_groups(BOTH, a_project({PY: {**NOOP, "name": "B"}}, problems=(error(TS),)), {}) == {"node"}


def test_file_that_is_new_or_gone_or_failed_before_breaks_nothing() -> None:
    names = {TS: {**NOOP, "name": "A"}, PY: {**NOOP, "name": "B"}}
    failing = a_project(names, problems=(error("steps/c.step.ts"),))
    assert broken_groups(BOTH, failing, {}) == frozenset()
    assert broken_groups(failing, failing, {}) == frozenset()
    assert broken_groups(BOTH, a_project({PY: {**NOOP, "name": "B"}}), {}) == frozenset()
    one_of_several = replace(BOTH, problems=(error(TS),))  # the others of the file are served
    assert broken_groups(one_of_several, one_of_several, {}) == frozenset()
    assert broken_groups(replace(one_of_several, kept=frozenset({"node"})), one_of_several, {}) == {"node"}


def test_config_file_counts_for_the_group_that_loads_it() -> None:
    failed = replace(BOTH, problems=(error("motia.config.ts"),))
    assert broken_groups(BOTH, failed, {"node": Config("motia.config.ts")}) == {"node"}


def test_served_version_shows_what_is_wrong_with_the_one_that_is_not() -> None:
    tried = a_project({PY: {**NOOP, "name": "B"}}, problems=(error(TS),))
    served = with_problems_of(tried, {"node"}, BOTH)
    assert [step.name for step in served.steps] == ["A", "B"]
    assert [(problem.file, problem.severity) for problem in served.problems] == [(TS, "error")]


def test_update_says_what_is_new_and_what_is_solved() -> None:
    before = a_project({TS: {**NOOP, "name": "A"}}, problems=(error(PY),))
    after = a_project({TS: {**NOOP, "name": "A2"}}, problems=(error(PY, "another"),))
    update = updated(before, after, [TS], ["node"], [], 0.1)
    assert (update.added, update.removed, update.solved) == (["A2"], ["A"], 1)
    assert [problem.cause for problem in update.problems] == ["another"]
