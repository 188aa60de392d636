"""Steps that a test gives: config and handler, without a file and without a sidecar."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from motia_core.model.project import Discovery, LoadedStep, LoadedStream, Manifest, Project, SourceFile
from motia_core.model.rules import check_project
from motia_core.testing.errors import RigError

GROUP = "test"  # of steps that only a fake runs


@dataclass(frozen=True, slots=True)
class GivenStep:
    """A step of a test."""

    config: Mapping[str, Any]
    handler: Callable[..., Any] | None = None  # None: in another process


def step(config: Mapping[str, Any], handler: Callable[..., Any] | None = None) -> Any:
    """A step for `start_motia(steps=[…])`: `step({…}, handler)`, or as a decorator of the handler.

    Args:
        config: As in a step file.
        handler: As in a step file of Python; runs in the test's process.
    """
    if handler is not None:
        return GivenStep(config, handler)
    return lambda function: GivenStep(config, function)


def given_project(steps: Sequence[GivenStep], streams: Sequence[Mapping[str, Any]]) -> Project:
    """The project that these make.

    Raises:
        RigError: A config is wrong.
    """
    files, loaded_steps, loaded_streams = [], [], []
    for number, given in enumerate(steps, 1):
        path = f"test/{number}-{given.config.get('name', 'step')}.step"
        files.append(SourceFile(path, "step", "python", GROUP))
        loaded_steps.append(LoadedStep(path, given.config, has_handler=given.config.get("type") != "noop"))
    for number, config in enumerate(streams, 1):
        path = f"test/{number}-{config.get('name', 'stream')}.stream"
        files.append(SourceFile(path, "stream", "python", GROUP))
        loaded_streams.append(LoadedStream(path, config))
    manifest = Manifest(tuple(loaded_steps), tuple(loaded_streams))
    project = check_project(Discovery(tuple(files)), {GROUP: manifest})
    if errors := [problem for problem in project.problems if problem.severity == "error"]:
        shown = [f"  {one.step or one.file}: {one.cause}" for one in errors]
        lines = [f"{text} ({one.remedy})" if one.remedy else text for text, one in zip(shown, errors, strict=True)]
        raise RigError("\n".join(["steps of the test are wrong:", *lines]))
    return project
