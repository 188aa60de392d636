"""What is tested: a sidecar's command, in a project of the few steps that the wire cases play with."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from motia_core.conformance.wire.process import Command
from motia_core.errors import SidecarStartError
from motia_core.model.language import Language, Languages
from motia_core.project.discover import discover
from motia_core.settings import Settings
from motia_core.sidecars.building import build
from motia_core.sidecars.languages import build_command, command

STEPS = Path(__file__).parent / "steps"  # for the languages that come with motia-core
REQUIRED = ("broken", "calls", "echo", "fail", "hold", "slow")
OPTIONAL = ("forget", "pieces")


@dataclass(frozen=True)
class Subject:
    """A sidecar that can be started, and the files that it is to load."""

    root: Path  # of the project
    command: Command
    files: Mapping[str, str]  # "echo" → its path below the root
    golden: tuple[str, ...] = ()  # decodes golden frames
    name: str = ""  # for people
    gaps: Mapping[str, str] = field(default_factory=dict)


async def prepare(language: Language, steps: Path, folder: Path, name: str = "") -> Subject:
    """A project with the wire steps of one SDK, built as the core builds it.

    Args:
        steps: The folder with the step files.
        folder: Where the project is made; it stays as long as the subject is used.

    Raises:
        SidecarStartError: A step file is missing, or the project cannot be built.
    """
    root = folder / "project"
    shutil.copytree(steps, root / "steps", ignore=shutil.ignore_patterns("__pycache__"))
    settings = Settings(project=root)
    discovery = discover(root, Languages([language]))
    files = {Path(file.path).name.split(".")[0].removesuffix("_step"): file.path for file in discovery.files}
    if missing := [each for each in REQUIRED if each not in files]:
        raise SidecarStartError(f"{steps} has no step file {missing[0]}: docs/conformance-wire.md says what it does")
    output = folder / "output"
    output.mkdir()
    if language.start is not None and language.start.build:
        building = build_command(language, language.start, settings, output)
        env = {**os.environ, **building.env}
        paths = [file.path for file in discovery.files]
        what = f"the {language.name} steps"
        await build(building.argv, env, root, paths, what, language.start.build_timeout_s)
    started = command(language, settings, folder, output)
    return Subject(root, Command(started.argv, language.group, started.env), files, name=name or language.name)
