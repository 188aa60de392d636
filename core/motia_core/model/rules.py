"""From what the sidecars loaded to a checked project: order, names, duplicates, and every problem said once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TypeVar

from motia_core.errors import InternalError
from motia_core.model.config import Finding
from motia_core.model.contracts import broken_contracts
from motia_core.model.project import (
    Discovery,
    LoadedStep,
    LoadedStream,
    Manifest,
    Problem,
    Project,
    SourceFile,
)
from motia_core.model.route import duplicate_routes
from motia_core.model.step import QueuePolicy, Step, StepType
from motia_core.model.step_config import default_name, read_step
from motia_core.model.stream import Stream
from motia_core.model.stream_config import read_stream

DEFAULT_QUEUE = QueuePolicy()
CONFIG_LANGUAGES = {"motia.config.ts": "typescript", "motia.config.js": "javascript"}
Loaded = TypeVar("Loaded", LoadedStep, LoadedStream)


def check_project(
    discovery: Discovery, manifests: Mapping[str, Manifest], queue: QueuePolicy = DEFAULT_QUEUE
) -> Project:
    """Check everything that was loaded.

    Args:
        discovery: The files, in registration order.
        manifests: What the sidecars made of them, by language group.
        queue: Defaults of event steps.
    """
    problems = [*discovery.problems, *(problem for manifest in manifests.values() for problem in manifest.problems)]
    loaded_steps = _by_path([manifest.steps for manifest in manifests.values()])
    loaded_streams = _by_path([manifest.streams for manifest in manifests.values()])
    steps: list[Step] = []
    streams: dict[str, Stream] = {}
    for file in discovery.files:
        for step in loaded_steps.get(file.path, ()):
            _add_step(steps, file, step, queue, problems)
        for stream in loaded_streams.get(file.path, ()):
            _add_stream(streams, file, stream, problems)
    registered = dict(_registered(manifests))
    for file, step in registered.items():
        _add_step(steps, file, step, queue, problems)
    problems += _unanswered(discovery, loaded_steps.keys() | loaded_streams.keys(), problems)
    problems += _duplicate_routes(steps)
    problems += broken_contracts(steps)
    files = (*discovery.files, *registered)
    return Project(tuple(steps), tuple(streams.values()), _in_order(problems, discovery), files)


def _by_path(manifests: Iterable[Iterable[Loaded]]) -> dict[str, list[Loaded]]:
    """What each file defines, of the lists of all sidecars."""
    found: dict[str, list[Loaded]] = {}
    for loaded in manifests:
        own: dict[str, list[Loaded]] = {}
        for item in loaded:
            own.setdefault(item.path, []).append(item)
        if twice := own.keys() & found.keys():
            raise InternalError(f"{min(twice)} was loaded by two sidecars")
        found |= own
    return found


def _registered(manifests: Mapping[str, Manifest]) -> Iterable[tuple[SourceFile, LoadedStep]]:
    """Steps that a config file has registered rather than a file of their own: `motia.config.ts#GET /path`."""
    for group, manifest in manifests.items():
        for step in manifest.steps:
            file, mark, _ = step.path.partition("#")
            if mark and file in CONFIG_LANGUAGES:
                yield SourceFile(step.path, "step", CONFIG_LANGUAGES[file], group), step


def _add_step(
    steps: list[Step], file: SourceFile, loaded: LoadedStep, queue: QueuePolicy, problems: list[Problem]
) -> None:
    step, findings = read_step(file, loaded, queue)
    name = step.name if step else _name_of(loaded)
    problems += (_problem(finding, file.path, loaded.line, name) for finding in findings)
    problems += (Problem("warning", file.path, "config", warning, loaded.line, name) for warning in loaded.warnings)
    if step is None:
        return
    first = next((other for other in steps if other.id == step.id), None)
    if first is not None and first.path == step.path:
        cause = f"the name {step.name!r} is taken by the step in line {first.line} of this file"
        problems.append(Problem("error", file.path, "rules", cause, step.line, step.name, "give each its own name"))
        return
    if first is not None:
        step = replace(step, id=f"{step.name} ({step.path})")
        cause = f"the name {step.name!r} is taken by {first.path}; this step is called {step.id!r} in traces and queues"
        problems.append(
            Problem("warning", file.path, "rules", cause, step.line, step.name, "give each step its own name")
        )
    steps.append(step)


def _name_of(loaded: LoadedStep) -> str:
    """What a step would be called that cannot run; empty where its file says it all."""
    named = str(loaded.config.get("name") or "")
    return named or (default_name(loaded) if loaded.key and not loaded.trigger else "")


def _add_stream(streams: dict[str, Stream], file: SourceFile, loaded: LoadedStream, problems: list[Problem]) -> None:
    stream, findings = read_stream(file, loaded)
    problems += (_problem(finding, file.path, 0, "") for finding in findings)
    problems += (Problem("warning", file.path, "config", warning) for warning in loaded.warnings)
    if stream is None:
        return
    if first := streams.pop(stream.name, None):
        cause = f"the stream {stream.name!r} is defined in {first.path} as well; the one in {stream.path} is used"
        problems.append(Problem("warning", file.path, "rules", cause, remedy="give each stream its own name"))
    streams[stream.name] = stream


def _problem(finding: Finding, path: str, line: int, step: str) -> Problem:
    return Problem(finding.severity, path, "config", finding.cause, line, step, finding.remedy)


def _unanswered(discovery: Discovery, loaded: Iterable[str], problems: list[Problem]) -> list[Problem]:
    """Files that neither loaded nor have a problem: a fault of a sidecar, which must not hide them."""
    accounted = {*loaded, *(problem.file for problem in problems if problem.severity == "error")}
    remedy = "please report this with the file"
    return [
        Problem("error", file.path, "import", "the sidecar did not say what became of this file", remedy=remedy)
        for file in discovery.files
        if file.path not in accounted
    ]


def _duplicate_routes(steps: Iterable[Step]) -> list[Problem]:
    pairs = duplicate_routes(step for step in steps if step.type is StepType.API)
    return [
        Problem(
            "warning",
            shadowed.path,
            "rules",
            f"{shadowed.method} {shadowed.route} is served by {serves.path} ({serves.method} {serves.route}); "
            "this step gets no requests",
            shadowed.line,
            shadowed.name,
            "change method or path of one of them",
        )
        for serves, shadowed in pairs
    ]


def _in_order(problems: Iterable[Problem], discovery: Discovery) -> tuple[Problem, ...]:
    """Errors before warnings, then in the order of the files."""
    position = {file.path: number for number, file in enumerate(discovery.files)}
    last = len(position)
    return tuple(sorted(problems, key=lambda p: (p.severity != "error", position.get(p.file, last))))
