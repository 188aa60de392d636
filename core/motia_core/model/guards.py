"""Middleware of the project's configs: no api step is served without it, and its author hears what it misses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from motia_core.model.project import Manifest, Problem, Project
from motia_core.model.step import Step, StepType


def guarded(project: Project, manifests: Mapping[str, Manifest], configs: Mapping[str, str]) -> Project:
    """The project without api steps whose middleware could not be loaded.

    Args:
        manifests: What the sidecars made of the files, by language group.
        configs: Paths of configs that may have middleware, by the language group that loads them.
    """
    problems = list(project.problems)
    unsafe: set[str] = set()
    for group, path in configs.items():
        failed = any(problem.file == path and problem.severity == "error" for problem in manifests[group].problems)
        if failed:
            unsafe.add(group)
    dropped = [step for step in project.steps if step.group in unsafe and step.type is StepType.API]
    problems += (_unserved(step, configs[step.group]) for step in dropped)
    problems += _uncovered(project, manifests, configs)
    steps = tuple(step for step in project.steps if step not in dropped) if dropped else project.steps
    ordered = sorted(problems, key=lambda problem: problem.severity != "error")
    return replace(project, steps=steps, problems=tuple(ordered))


def _unserved(step: Step, config: str) -> Problem:
    cause = f"{step.method} {step.route} is not served: {config}, whose middleware may guard it, could not be loaded"
    return Problem("error", step.path, "rules", cause, step.line, step.name, f"correct {config}")


def _uncovered(project: Project, manifests: Mapping[str, Manifest], configs: Mapping[str, str]) -> list[Problem]:
    """Groups with api steps that the middleware of another group does not run for."""
    with_middleware = [path for group, path in configs.items() if manifests[group].has_middleware]
    if not with_middleware:
        return []
    problems = []
    for group in sorted({step.group for step in project.steps if step.type is StepType.API}):
        if group in manifests and not manifests[group].has_middleware:
            first = next(step for step in project.steps if step.group == group and step.type is StepType.API)
            cause = f"the middleware of {with_middleware[0]} does not run for {group} steps such as {first.path}"
            remedy = f"give {'motia.config.py' if group == 'python' else 'motia.config.ts'} the same middleware"
            problems.append(Problem("warning", with_middleware[0], "rules", cause, remedy=remedy))
    return problems
