"""Projects as the sidecars report them, with what does not matter filled in."""

from __future__ import annotations

from collections.abc import Mapping

from motia_core.model.project import Discovery, LoadedStep, LoadedStream, Manifest, Problem, Project, SourceFile
from motia_core.model.rules import check_project

LANGUAGES = {
    "ts": ("typescript", "node"),
    "js": ("javascript", "node"),
    "py": ("python", "python"),
    "rb": ("ruby", "ruby"),
}


def a_file(path: str) -> SourceFile:
    language, group = LANGUAGES[path.rpartition(".")[2]]
    return SourceFile(path, "stream" if ".stream." in path or "_stream." in path else "step", language, group)


def a_project(
    configs: Mapping[str, Mapping[str, object]],
    *,
    no_handler: tuple[str, ...] = (),
    problems: tuple[Problem, ...] = (),
) -> Project:
    """The checked project of these files and their configs; files of `problems` are added to them."""
    failed = [problem.file for problem in problems if problem.file not in configs]
    files = tuple(a_file(path) for path in (*configs, *failed))
    manifests = {}
    for group in {file.group for file in files}:
        own = [file for file in files if file.group == group and file.path in configs]
        steps = [
            LoadedStep(file.path, configs[file.path], has_handler=file.path not in no_handler, line=3)
            for file in own
            if file.kind == "step"
        ]
        streams = [LoadedStream(file.path, configs[file.path]) for file in own if file.kind == "stream"]
        own_problems = tuple(problem for problem in problems if a_file(problem.file).group == group)
        manifests[group] = Manifest(tuple(steps), tuple(streams), own_problems)
    return check_project(Discovery(files), manifests)
