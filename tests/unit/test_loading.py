"""Versions of a project: what is loaded again, and what goes on as it was."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from motia_core.loading import Loading, Version
from motia_core.model.language import BUILT_IN, Language
from motia_core.model.project import LoadedStep, Manifest, Problem, SourceFile
from motia_core.settings import Settings
from motia_core.sidecars.group import Group, Prepared

NODE, PYTHON = "steps/a.step.js", "steps/b_step.py"


class FakeSupervisor:
    """Loads what the files say: `broken` is an error, anything else a noop step."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.loaded: list[str] = []
        self.discarded: list[str] = []

    async def prepare(
        self, language: Language, files: Sequence[SourceFile], digest: str, env: Mapping[str, str], config: str = ""
    ) -> Prepared:
        self.loaded.append(language.group)
        group = Group(language, files, digest, env, config)
        problems = [self.problem(path) for path in (*(f.path for f in files), config) if path and self.fails(path)]
        steps = [
            LoadedStep(file.path, {"type": "noop", "name": file.path}, has_handler=False)
            for file in files
            if not self.fails(file.path)
        ]
        return Prepared(group, None, Manifest(tuple(steps), problems=tuple(problems)))

    def fails(self, path: str) -> bool:
        return "broken" in (self.root / path).read_text()

    @staticmethod
    def problem(path: str) -> Problem:
        return Problem("error", path, "import", "broken")

    def discard(self, prepared: Prepared) -> None:
        self.discarded.append(prepared.group.name)


class Project:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.supervisor = FakeSupervisor(root)
        supervisor: Any = self.supervisor
        self.loading = Loading(Settings(project=root), BUILT_IN, supervisor)
        (root / "steps").mkdir()

    def write(self, path: str, text: str = "fine") -> None:
        (self.root / path).write_text(text)

    async def first(self) -> Version:
        return await self.loading.load(await self.loading.find())

    async def next(self, before: Version, *changed: str) -> Version:
        self.supervisor.loaded.clear()
        return await self.loading.reload(await self.loading.find(), before, changed)


def names(version: Version) -> list[str]:
    return [step.name for step in version.project.steps]


def test_group_that_is_kept_is_tried_again_with_the_next_change_of_another(tmp_path: Path) -> None:
    async def scenario() -> None:
        project = Project(tmp_path)
        project.write(NODE)
        project.write(PYTHON)
        version = await project.first()
        project.write(PYTHON, "broken")
        version = await project.next(version, "python")
        assert (version.kept, names(version)) == ({"python"}, [NODE, PYTHON])
        assert project.supervisor.discarded == ["python"]
        version = await project.next(version, "node")
        assert (version.kept, version.project.kept) == ({"python"}, {"python"})
        assert [problem.file for problem in version.project.problems] == [PYTHON]
        assert sorted(project.supervisor.loaded) == ["node", "python"]
        project.write(PYTHON)
        version = await project.next(version, "python")
        assert (version.kept, list(version.project.problems)) == (frozenset(), [])

    asyncio.run(scenario())


def test_first_file_of_a_language_beside_a_config_that_fails_is_no_version_before(tmp_path: Path) -> None:
    async def scenario() -> None:
        project = Project(tmp_path)
        project.write(PYTHON)
        project.write("motia.config.js", "broken")
        version = await project.first()
        assert project.supervisor.loaded == ["python"]
        project.write(NODE)
        version = await project.next(version)
        assert version.kept == frozenset()
        assert sorted(names(version)) == [NODE, PYTHON]
        assert "motia.config.js" in [problem.file for problem in version.project.problems]

    asyncio.run(scenario())


def test_only_what_has_changed_is_loaded(tmp_path: Path) -> None:
    async def scenario() -> None:
        project = Project(tmp_path)
        project.write(NODE)
        project.write(PYTHON)
        version = await project.first()
        await project.next(version, "node")
        assert project.supervisor.loaded == ["node"]

    asyncio.run(scenario())
