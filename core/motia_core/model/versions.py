"""Two versions of a project, one after the other: what is different, and what must not replace what is served."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from motia_core.model.project import Problem, Project


class HasPath(Protocol):
    """A config file."""

    @property
    def path(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Update:
    """What became of a change, for people."""

    project: Project  # as it is served now
    files: Sequence[str]  # that have changed, relative to the project's root where they are below it
    loaded: Sequence[str]  # language groups that were loaded again
    kept: Sequence[str]  # of these: the ones whose version before goes on being served
    problems: Sequence[Problem]  # that were not there before
    solved: int  # problems that are not there any more
    added: Sequence[str]  # names of steps
    removed: Sequence[str]
    seconds: float  # from when the change was noticed


def updated(
    before: Project, after: Project, files: Sequence[str], loaded: Sequence[str], kept: Sequence[str], seconds: float
) -> Update:
    """What is different between two versions."""
    old, new = {step.id for step in before.steps}, {step.id for step in after.steps}
    known = {(problem.file, problem.cause) for problem in before.problems}
    there = {(problem.file, problem.cause) for problem in after.problems}
    return Update(
        after,
        files,
        loaded,
        kept,
        [problem for problem in after.problems if (problem.file, problem.cause) not in known],
        len(known - there),
        sorted(new - old),
        sorted(old - new),
        seconds,
    )


def broken_groups(served: Project, project: Project, configs: Mapping[str, HasPath]) -> frozenset[str]:
    """The language groups with files that are served now and would not be any more, for an error in them.

    Args:
        configs: The project's config files that are in use, by the group that loads them.
    """
    running = {step.path for step in served.steps} | {stream.path for stream in served.streams}
    failed = _failed(served)
    groups = {
        file.path: file.group
        for file in served.files
        if file.path in running and (file.group in served.kept or file.path not in failed)
    }
    groups |= {c.path: group for group, c in configs.items() if group in served.kept or c.path not in failed}
    there = {file.path for file in project.files} | {config.path for config in configs.values()}
    return frozenset(groups[path] for path in _failed(project) & groups.keys() & there)


def with_problems_of(tried: Project, groups: Collection[str], served: Project) -> Project:
    """The project that is served, with what is wrong with the version of some groups that is not."""
    theirs = {file.path for project in (tried, served) for file in project.files if file.group in groups}
    others = (problem for problem in served.problems if problem.file not in theirs)
    known: dict[Problem, None] = dict.fromkeys(others)
    known |= dict.fromkeys(p for p in tried.problems if p.file in theirs or p.severity == "error")
    ordered = sorted(known, key=lambda problem: problem.severity != "error")
    return replace(served, problems=tuple(ordered), kept=frozenset(groups))


def _failed(project: Project) -> set[str]:
    return {problem.file for problem in project.problems if problem.severity == "error"}
