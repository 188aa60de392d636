"""The images that are tested: the project's own Containerfiles, built on the base image of these tests."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from motia_core.project.container_files import write_container_files
from tests.containers.base import GO, base_image
from tests.containers.engine import KEPT, Podman
from tests.repo.repository import ROOT

CONTAINERFILES = ROOT / "containers"
PROJECT = Path(__file__).parent / "project"
NOT_COPIED = ("node_modules", ".motia-core", "__pycache__")
PREFIX = "localhost/motia-tests"


@dataclass(frozen=True, slots=True)
class Wheel:
    """What pip installs in the images."""

    path: Path  # in a folder that is named after what is in the wheel: a build step that installs another is another

    @property
    def arguments(self) -> dict[str, str]:
        return {"MOTIA": str(self.path)}

    @property
    def options(self) -> tuple[str, ...]:
        return ("-v", f"{self.path.parent}:{self.path.parent}:ro")


class Images:
    """Builds images when they are first asked for.

    Args:
        podman: Where they are built.
    """

    def __init__(self, podman: Podman) -> None:
        self.podman = podman
        self.base = base_image(podman)
        self.wheel = wheel()
        self._built: set[str] = set()

    def of_project(self, kind: str, project: Path = PROJECT) -> str:
        """The image of one of our Containerfiles (`core`, `sidecar-python`, …) with a project in it."""
        name = f"{PREFIX}-{project.name}-{kind}"
        if name not in self._built:
            with copy(project) as context:
                options = (*self.wheel.options, *(go_options() if kind == "sidecar-go" else ()))
                arguments = {**self.bases, **self.wheel.arguments}
                self.podman.build(name, CONTAINERFILES / f"{kind}.Containerfile", context, arguments, *options)
            self._built.add(name)
        return name

    def postgres(self) -> str:
        """PostgreSQL."""
        name, here = f"{PREFIX}-postgres", Path(__file__).parent
        if name not in self._built:
            self.podman.build(name, here / "postgres.Containerfile", here, {"BASE": self.base})
            self._built.add(name)
        return name

    @property
    def bases(self) -> dict[str, str]:
        """Build arguments: one image has Python, Node and npm."""
        return dict.fromkeys(("BASE", "NODE", "PYTHON", "GO"), self.base)


@contextmanager
def copy(project: Path) -> Iterator[Path]:
    """A copy of a project as somebody who has just cloned it has it, with our .dockerignore."""
    with tempfile.TemporaryDirectory() as folder:
        context = Path(folder) / project.name
        shutil.copytree(project, context, ignore=shutil.ignore_patterns(*NOT_COPIED))
        write_container_files(context)
        yield context


def wheel() -> Wheel:
    """The wheel of the repository as it is now."""
    with tempfile.TemporaryDirectory(dir=KEPT) as folder:
        build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
        subprocess.run([*build, "--wheel-dir", folder, ROOT], check=True, timeout=600)
        (built,) = Path(folder).glob("*.whl")
        kept = KEPT / "wheels" / hashlib.sha256(built.read_bytes()).hexdigest()[:12]
        for other in kept.parent.glob("*") if kept.parent.exists() else ():
            if other != kept:
                shutil.rmtree(other)
        kept.mkdir(parents=True, exist_ok=True)
        return Wheel(Path(shutil.move(built, kept / built.name)))


def go_options() -> tuple[str, ...]:
    """This machine's Go, the modules that it has, and what was compiled before."""
    said = subprocess.run(["go", "env", "GOROOT", "GOMODCACHE"], check=True, capture_output=True, text=True)
    root, modules = said.stdout.split()
    compiled = KEPT / "go-build"
    for folder in (Path(modules), compiled):
        folder.mkdir(parents=True, exist_ok=True)
    volumes = (f"{root}:{GO}:ro", f"{modules}:/root/go/pkg/mod", f"{compiled}:/root/.cache/go-build")
    return tuple(part for volume in volumes for part in ("-v", volume))
