"""What is tested: a sidecar's command, in a project of the few steps that the wire cases play with."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from motia_core.bundled import sdk_folder
from motia_core.conformance.wire.process import Command
from motia_core.errors import SidecarStartError
from motia_core.model.language import Language, Languages
from motia_core.project.discover import discover
from motia_core.settings import Settings
from motia_core.sidecars.building import build
from motia_core.sidecars.languages import command

STEPS = Path(__file__).parent / "steps"  # for the languages that come with motia-core
REQUIRED = ("broken", "calls", "echo", "fail", "hold", "slow")
OPTIONAL = ("forget", "pieces")


@dataclass(frozen=True)
class Subject:
    """A sidecar that can be started, and the files that it is to load."""

    root: Path  # of the project
    command: Command
    files: Mapping[str, str]  # "echo" → its path below the root
    sdk: Path  # the SDK's folder
    golden: tuple[str, ...] = ()  # reads golden frames and writes them again; run in the SDK's folder


async def prepare(language: Language, steps: Path, folder: Path, *, golden: Sequence[str] = ()) -> Subject:
    """A project with the wire steps of one SDK, built as the core builds it.

    Args:
        steps: The folder with the step files.
        folder: Where the project is made; it stays as long as the subject is used.
        golden: What sdk.toml names as `golden` in [conformance].

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
    output = await build(language, settings, discovery.files, os.environ, folder)
    started = command(language, settings, folder, output or folder)
    argv, sdk = _golden(language, started.argv, golden)
    return Subject(root, Command(started.argv, language.group, started.env), files, sdk, argv)


def _golden(language: Language, argv: tuple[str, ...], golden: Sequence[str]) -> tuple[tuple[str, ...], Path]:
    """The golden command, and where it is run."""
    if language.start is not None:
        sdk = language.start.sdk
        return tuple(part.replace("{sdk}", str(sdk)) for part in golden), sdk
    of_ours = {"python": "motia.golden", "node": str(Path(argv[-1]).with_name("golden.js"))}
    return (*argv[:-1], of_ours[language.group]), sdk_folder(language.group)
