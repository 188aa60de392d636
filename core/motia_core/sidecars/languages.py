"""How the sidecar of each language group is started: executable, arguments, search paths."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import google.protobuf
import grpc
import uvloop

from motia_core.bundled import sdk_folder
from motia_core.errors import SidecarStartError
from motia_core.model.language import VENVS, Language, Start
from motia_core.settings import Settings

# gRPC's older way to wait for data takes a thread less on the way to the handler: a tenth of a millisecond.
GRPC_EXPERIMENTS = "-event_engine_client"


@dataclass(frozen=True, slots=True)
class Command:
    """What to run."""

    argv: tuple[str, ...]
    env: Mapping[str, str]  # beside the project's environment


def command(language: Language, settings: Settings, runtime_dir: Path, output: Path) -> Command:
    """The command of a language group.

    Args:
        runtime_dir: A private directory for what the sidecar needs at hand while the core runs.
        output: Where this version of the group was built to.

    Raises:
        SidecarStartError: The language or our SDK for it is not installed; says what to do.
    """
    if language.start is None:
        return COMMANDS[language.group](settings, runtime_dir)
    return _filled_in(language, language.start, language.start.command, settings, output)


def build_command(language: Language, start: Start, settings: Settings, output: Path) -> Command:
    """What has to be run before a version of a group can be started."""
    return _filled_in(language, start, start.build, settings, output)


def _filled_in(language: Language, start: Start, argv: Sequence[str], settings: Settings, output: Path) -> Command:
    build = settings.project / settings.data_dir / "build" / language.group
    build.mkdir(parents=True, exist_ok=True)
    folders = {"sdk": start.sdk, "project": settings.project, "build": build, "output": output}

    def filled(text: str) -> str:
        for name, folder in folders.items():
            text = text.replace(f"{{{name}}}", str(folder))
        return text

    return Command(tuple(map(filled, argv)), {name: filled(text) for name, text in start.environment.items()})


def node_program(settings: Settings, name: str) -> tuple[str, str]:
    """Node.js, and a program of our SDK for it.

    Raises:
        SidecarStartError: One of them is missing; says what to do.
    """
    node = str(settings.sidecars.node) if settings.sidecars.node else shutil.which("node")
    if node is None:
        raise SidecarStartError("Node.js was not found: install Node 20 or newer, or set sidecars.node")
    program = sdk_folder("node") / "dist" / name
    if not program.exists():
        raise SidecarStartError(f"the Node SDK is not built ({program} is missing): run make setup")
    return node, str(program)


def _node(settings: Settings, runtime_dir: Path) -> Command:
    return Command(node_program(settings, "main.js"), {})


def _python(settings: Settings, runtime_dir: Path) -> Command:
    python = settings.sidecars.python or project_python(settings.project)
    fallback = runtime_dir / "python"
    env = {"PYTHONPATH": str(sdk_folder("python")), "GRPC_EXPERIMENTS": GRPC_EXPERIMENTS}
    if python is None:
        return Command((sys.executable, "-m", "motia"), env)
    version = environment_version(python)
    ours = sys.version_info[:2]
    if version is None or version == ours:
        _link_transport(fallback)
        env["MOTIA_TRANSPORT_PATH"] = str(fallback)
    return Command((str(python), "-m", "motia"), env)


COMMANDS: Mapping[str, Callable[[Settings, Path], Command]] = {"node": _node, "python": _python}


def project_python(project: Path) -> Path | None:
    """The interpreter of the project's own environment, if it has one."""
    candidates = (project / name / "bin" / "python" for name in VENVS)
    return next((python for python in candidates if python.exists()), None)


def environment_version(python: Path) -> tuple[int, int] | None:
    """Major and minor version of a virtual environment, from its pyvenv.cfg; None when it is none."""
    config = python.parent.parent / "pyvenv.cfg"
    if not config.exists():
        return None
    for line in config.read_text().splitlines():
        key, _, value = line.partition("=")
        if key.strip() in ("version", "version_info"):
            major, minor, *_ = value.strip().split(".")
            return int(major), int(minor)
    return None


def _link_transport(folder: Path) -> None:
    """Offer the core's own grpc and protobuf to an environment of the same Python that lacks them.

    A folder of links rather than the core's site-packages, so that nothing else of the core's can be imported by
    accident from the user's code.
    """
    folder.mkdir(parents=True, exist_ok=True)
    packages = {
        "grpc": Path(grpc.__file__).parent,
        "google": Path(google.protobuf.__file__).parent.parent,
        "uvloop": Path(uvloop.__file__).parent,
    }
    typing_extensions = Path(grpc.__file__).parent.parent / "typing_extensions.py"
    if typing_extensions.exists():
        packages["typing_extensions.py"] = typing_extensions
    for name, target in packages.items():
        link = folder / name
        if not link.exists():
            link.symlink_to(target)
