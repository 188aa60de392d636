"""Whether the sidecars of one language group can stand in for each other: whether their files define the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from motia_core.model.project import LoadedStep, LoadedStream, Manifest


def difference(first: Manifest, other: Manifest) -> str | None:
    """What one of two sidecars with the same files has made otherwise of them; None: nothing that matters."""
    ours, theirs = _defined(first), _defined(other)
    for name in ours.keys() | theirs.keys():
        if name not in theirs:
            return f"{name} is missing{_why(other, name)}"
        if name not in ours:
            return f"{name} is not there elsewhere{_why(first, name)}"
        if ours[name] != theirs[name]:
            return f"the config of {name} differs"
    for what in ("has_middleware", "has_stream_auth"):
        if getattr(first, what) != getattr(other, what):
            return f"{what} of motia.config differs"
    return None


def _defined(manifest: Manifest) -> Mapping[str, LoadedStep | LoadedStream]:
    found: dict[str, LoadedStep | LoadedStream] = {}
    for step in manifest.steps:
        name = f"{step.path}#{step.key}" if step.key else step.path
        found[name] = replace(step, warnings=(), line=0)
    found |= {stream.path: replace(stream, warnings=()) for stream in manifest.streams}
    return found


def _why(manifest: Manifest, name: str) -> str:
    path = name.partition("#")[0]
    causes = (problem.cause for problem in manifest.problems if problem.file == path)
    return next((f": {cause}" for cause in causes), "")
