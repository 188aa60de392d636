"""`motia-core docker`: a project as an image, and as a container of it, with docker or podman."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from motia_core import __version__
from motia_core.cli.failing import CommandError, WrongUseError
from motia_core.cli.layout import Layout
from motia_core.cli.options import project_argument, settings_of
from motia_core.project.container_files import (
    APART,
    DOCKERFILE,
    SETTINGS_OF_IMAGE,
    container_files,
    image_name,
    write_container_files,
)
from motia_core.project.env import dotenv_names, project_environment
from motia_core.project.templates import OccupiedError

ENGINES = ("docker", "podman")  # in the order in which they are looked for
MOTIA = "MOTIA"  # the build argument that says what pip installs
TOKEN = "MOTIA_HTTP_ADMIN_TOKEN"
PORT_INSIDE = 3000
LONGEST_NAME = 40

Command = TypeVar("Command", bound=Callable[..., Any])


@click.group()
def docker() -> None:
    """Make an image of the project, and run it: with docker or podman."""


def _name_option(command: Command) -> Command:
    return click.option("-n", "--project-name", "name", help="Name of the image.  [default: that of the folder]")(
        command
    )


def _build_arguments(command: Command) -> Command:
    said = "NAME=VALUE for an ARG of the Dockerfile, such as BASE; may be given several times."
    return click.option("--build-arg", "arguments", multiple=True, metavar="NAME=VALUE", help=said)(command)


@docker.command()
@project_argument
@click.option("--apart", is_flag=True, help=f"Write {APART}/ instead: core, sidecars and database apart.")
@click.option("--force", is_flag=True, help="Replace files that are there.")
def setup(project: Path, apart: bool, force: bool) -> None:
    """Write a Dockerfile and a .dockerignore into the project."""
    folder = settings_of(project).project
    layout = Layout.of(sys.stdout)
    try:
        written = write_container_files(folder, apart=apart, replaces=force)
    except OccupiedError as error:
        what = f"{folder} has {' and '.join(error.names)} of its own; nothing was written"
        raise CommandError(what, "move it away, or replace it: --force") from error
    except OSError as error:
        raise CommandError(f"cannot write {error.filename}: {error.strerror}") from error
    for name in sorted(container_files(apart=apart)):
        state = layout.green("written") if name in written else layout.dim("stays as it is")
        click.echo(f"  {name.ljust(LONGEST_NAME)}  {state}", color=layout.has_colour)
    following = f"docker compose --file {APART}/compose.yaml up --build" if apart else "motia-core docker run"
    click.echo(f"\nNext:\n  {layout.cyan(following)}", color=layout.has_colour)


@docker.command()
@project_argument
@_name_option
@_build_arguments
def build(project: Path, name: str | None, arguments: tuple[str, ...]) -> None:
    """Build the image of the project."""
    folder = settings_of(project).project
    _build(_engine(), folder, name or image_name(folder), arguments)


@docker.command()
@project_argument
@click.option("-p", "--port", type=click.IntRange(1, 65_535), default=3000, show_default=True, help="Port to serve on.")
@_name_option
@click.option("-s", "--skip-build", is_flag=True, help="Run the image that is there.")
@_build_arguments
def run(project: Path, port: int, name: str | None, skip_build: bool, arguments: tuple[str, ...]) -> None:
    """Build the image of the project, and run it until Ctrl-C.

    What it keeps is in a volume. Variables of the project's .env are passed on.
    """
    folder = settings_of(project).project
    engine, image = _engine(), name or image_name(folder)
    if not skip_build:
        _build(engine, folder, image, arguments)
    environment = project_environment(folder)
    passed = [*dotenv_names(folder), *([TOKEN] if TOKEN in environment else [])]
    command = [engine, "run", "--rm", "--publish", f"127.0.0.1:{port}:{PORT_INSIDE}", "--volume", f"{image}-data:/data"]
    command += ["--interactive", "--tty"] if sys.stdin.isatty() and sys.stdout.isatty() else []
    for variable in dict.fromkeys(passed):  # by name: values are not seen in the list of processes
        command += [] if variable in SETTINGS_OF_IMAGE else ["--env", variable]
    click.echo(f"http://127.0.0.1:{port}", err=True)
    sys.stdout.flush()
    os.execvpe(engine, [*command, image], environment)


def _build(engine: str, folder: Path, image: str, arguments: Sequence[str]) -> None:
    """Build it; the engine shows what it does."""
    if not (folder / DOCKERFILE).is_file():
        raise CommandError(f"{folder} has no {DOCKERFILE}", "write one: motia-core docker setup")
    for argument in arguments:
        if not argument.partition("=")[0].isidentifier() or "=" not in argument:
            raise WrongUseError(
                f"--build-arg takes NAME=VALUE, found {argument!r}", "--build-arg BASE=python:3.12-slim"
            )
    command = [engine, "build", "--tag", image]
    if Path(engine).name == "podman":
        command += ["--format", "docker"]  # its own has no health checks
    for argument in (f"{MOTIA}=motia-core=={__version__}", *arguments):
        command += ["--build-arg", argument]
    code = subprocess.run([*command, str(folder)], check=False).returncode
    if code:
        raise CommandError(f"{Path(engine).name} build ended with exit code {code}", "what it printed above says why")


def _engine() -> str:
    """The path of docker or podman.

    Raises:
        CommandError: Neither is installed.
    """
    found = next((path for name in ENGINES if (path := shutil.which(name))), None)
    if found is None:
        raise CommandError(
            "neither docker nor podman is on the PATH", "install one of them; on Debian: apt install podman"
        )
    return found
