"""`motia-core install`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import click

from motia_core.cli.activity import run_shown
from motia_core.cli.failing import CommandError
from motia_core.cli.layout import INDENT, Layout
from motia_core.cli.options import project_argument, settings_of
from motia_core.cli.progress import measure_of
from motia_core.project.dependencies import DependencyError, Installation, node_installation, python_installation
from motia_core.settings import Settings

RUNNING_SCRIPT = "npm_lifecycle_event"
# npm and its like run a script of the project of this name while they install.
DURING_INSTALLATION = frozenset({"preinstall", "install", "postinstall", "prepublish", "preprepare", "prepare"})
TAIL_LINES = 20


@click.command()
@project_argument
@click.option("--frozen", is_flag=True, help="Fail rather than change a lockfile; for continuous integration.")
@click.option("--ignore-scripts", is_flag=True, help="Run no scripts of npm packages.")
@click.option("--force", is_flag=True, help="Install again what is up to date.")
@click.option("-v", "--verbose", is_flag=True, help="Show what the tools print.")
def install(
    project: Path, frozen: bool = False, ignore_scripts: bool = False, force: bool = False, verbose: bool = False
) -> None:
    """Install the packages that the project needs, with the tools that it uses: npm, pnpm, yarn, bun; pip, uv.

    Python packages go into the project's environment: python_modules, .venv or venv; python_modules is made when there
    is none.
    """
    settings = settings_of(project)
    plans: dict[str, Callable[[], Installation | None]] = {"python": lambda: _python(settings)}
    if os.environ.get(RUNNING_SCRIPT) not in DURING_INSTALLATION:  # else it is npm that called us
        plans["node"] = lambda: node_installation(settings.project, frozen=frozen, ignore_scripts=ignore_scripts)
    layout = Layout.of(sys.stdout)
    failed: list[str] = []
    for language, plan in sorted(plans.items()):
        try:
            installation = plan()
            if installation is None:
                _say(layout, language, layout.dim("nothing to install"))
            elif installation.is_done() and not force:
                _say(layout, language, layout.dim("up to date"))
            elif not _run(installation, settings.project, layout, verbose=verbose):
                failed.append(language)
        except DependencyError as error:
            _say(layout, language, f"{layout.red('✗')} {error}")
            if error.remedy:
                click.echo(layout.cyan(f"{INDENT * 2}→ {error.remedy}"), color=layout.has_colour)
            failed.append(language)
    _link_types(settings.project, layout)
    _take_command(settings.project, layout)
    if failed:
        raise CommandError(f"the packages for {' and '.join(failed)} are not installed")


def _python(settings: Settings) -> Installation | None:
    from motia_core.sidecars.languages import environment_version, project_python

    python = project_python(settings.project)
    plan = python_installation(settings.project, python, environment_version(python) if python else None)
    if plan and settings.sidecars.python:
        raise DependencyError(
            f"sidecars.python is {settings.sidecars.python}: what is installed there is yours to decide",
            f"{settings.sidecars.python} -m pip install -r requirements.txt",
        )
    return plan


def _run(installation: Installation, project: Path, layout: Layout, *, verbose: bool) -> bool:
    """Run its commands until one fails; whether none did."""
    for note in installation.notes:
        _say(layout, installation.language, layout.yellow(note))
    installation.forget()
    ours = str(Path(sys.executable).parent)  # scripts of the project may call motia or motia-core
    environment = {**os.environ, "PATH": f"{ours}{os.pathsep}{os.environ.get('PATH', '')}"}
    environment.setdefault("COREPACK_ENABLE_DOWNLOAD_PROMPT", "0")  # nobody could answer
    measure = measure_of(installation.tool, project)
    for command in installation.commands:
        title = f"{installation.language.ljust(6)}  {_named(command)}"
        done = run_shown(command, project, environment, title, layout, verbose=verbose, measure=measure)
        if done.code:
            what = f"{_named(command)} failed with exit code {done.code}"
            _say(layout, installation.language, f"{layout.red('✗')} {what}")
            if not verbose:
                lines = done.output.splitlines()[-TAIL_LINES:]
                click.echo("\n".join(layout.dim(f"{INDENT * 2}{line}") for line in lines), color=layout.has_colour)
            return False
        if installation.language == "node":
            _take_command(project, layout)
    installation.done()
    _say(layout, installation.language, f"{layout.green('installed')} {layout.dim(f'with {installation.tool}')}")
    return True


def _named(command: tuple[str, ...]) -> str:
    """A command without what is long in it, such as `python -m pip install`."""
    words = [word for word in command[1:4] if not word.startswith(("/", "--"))]
    return " ".join([Path(command[0]).name, *words])


def _link_types(project: Path, layout: Layout) -> None:
    from motia_core.bundled import sdk_folder
    from motia_core.project.provided import link_types

    try:
        if link_types(project, sdk_folder("node")):
            _say(layout, "types", layout.dim("node_modules/motia, for editors"))
    except OSError as error:
        _say(layout, "types", layout.yellow(f"{error.filename} cannot be made: {error.strerror}"))


def _take_command(project: Path, layout: Layout) -> None:
    """Scripts of package.json that say `motia` mean us, although the npm package of that name is installed."""
    from motia_core.project.provided import take_command

    try:
        if take_command(project, Path(sys.executable).parent / "motia"):
            _say(layout, "motia", layout.dim("node_modules/.bin/motia runs motia-core now: npm run dev starts it"))
    except OSError as error:
        _say(layout, "motia", layout.yellow(f"{error.filename} cannot be made: {error.strerror}"))


def _say(layout: Layout, what: str, text: str) -> None:
    click.echo(f"{INDENT}{what.ljust(6)}  {text}", color=layout.has_colour)
