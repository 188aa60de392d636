"""Who may connect to streams: nobody gets past a streamAuth that could not be loaded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from motia_core.model.project import Manifest, Problem, Project
from motia_core.model.stream import hook_step

_LANGUAGES = {"node": "typescript", "python": "python"}


def with_stream_auth(project: Project, manifests: Mapping[str, Manifest], configs: Mapping[str, str]) -> Project:
    """The project with what authenticates clients of streams; or closed to them.

    Args:
        manifests: What the sidecars made of the files, by language group.
        configs: Paths of configs that may have a streamAuth, by the language group that loads them.
    """
    failed = [path for group, path in configs.items() if _has_failed(manifests[group], path)]
    having = [group for group in configs if manifests[group].has_stream_auth]
    if failed:
        return _closed(project, failed[0], f"{failed[0]}, whose streamAuth may guard them, could not be loaded")
    if len(having) > 1:
        both = " and ".join(configs[group] for group in having)
        return _closed(project, configs[having[0]], f"{both} both have a streamAuth: leave one of them")
    if not having:
        return project
    [group] = having
    return replace(project, stream_auth=hook_step("streamAuth", configs[group], _LANGUAGES.get(group, group), group))


def _has_failed(manifest: Manifest, path: str) -> bool:
    return any(problem.file == path and problem.severity == "error" for problem in manifest.problems)


def _closed(project: Project, path: str, why: str) -> Project:
    if not project.streams:
        return replace(project, closed_streams=why)
    problem = Problem("error", path, "rules", f"streams are closed to clients: {why}", remedy=f"correct {path}")
    return replace(project, closed_streams=why, problems=(problem, *project.problems))
