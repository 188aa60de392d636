"""`motia-core create`."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path

import click

from motia_core.cli.failing import CommandError, WrongUseError
from motia_core.cli.layout import Layout
from motia_core.cli.prompting import choose, is_conversation
from motia_core.model.wording import did_you_mean
from motia_core.project.templates import (
    KEPT,
    TEMPLATES,
    OccupiedError,
    Template,
    package_name,
    template_named,
    write_project,
)

DEFAULT = "typescript"
DEFAULT_NAME = "my-app"


@click.command()
@click.argument("folder", required=False, metavar="[FOLDER]")
@click.option("-t", "--template", metavar="NAME", help=f"{', '.join(TEMPLATES)}.  [default: {DEFAULT}]")
@click.option("--install/--no-install", "installs", default=None, help="Install what the project needs, too.")
@click.option("-y", "--yes", is_flag=True, help="Ask nothing: take the defaults.")
@click.pass_context
def create(ctx: click.Context, folder: str | None, template: str | None, installs: bool | None, yes: bool) -> None:
    """Write a new project into FOLDER; `.` is the current one.

    Asks for what is missing on a terminal. Files that are there already are not replaced.
    """
    asks = is_conversation() and not yes
    if folder is None:
        if not asks:
            raise WrongUseError("no folder was given", f"name one: motia-core create {DEFAULT_NAME}")
        folder = click.prompt("Folder of the new project", default=DEFAULT_NAME)
    target = Path(os.path.abspath(folder))  # noqa: PTH100  # keeps links
    chosen = _template(template, asks=asks)
    written = _write(target, folder, chosen)
    layout = Layout.of(sys.stdout)
    kept = [name for name in sorted(KEPT) if name not in written]
    note = layout.dim(f"  {' and '.join(kept)} stayed as before") if kept else ""
    title = f"{layout.green('created')} {layout.bold(package_name(target))}: {chosen.description}, {len(written)} files"
    click.echo(f"{title}{note}", color=layout.has_colour)
    if installs is None and chosen.installs and asks:
        installs = click.confirm(f"Install what it needs ({chosen.installs}) now?", default=True)
    wants = bool(installs and chosen.installs)
    is_installed = wants and _install(ctx, target)
    is_ready = is_installed or not chosen.installs
    click.echo("\n".join(_next_steps(target, is_ready=is_ready, layout=layout)), color=layout.has_colour)
    ctx.exit(1 if wants and not is_installed else 0)


def _install(ctx: click.Context, target: Path) -> bool:
    """Install what the new project needs; whether that worked. The project is there all the same."""
    from motia_core.cli.installing import install

    try:
        ctx.invoke(install, project=target)
    except CommandError as error:
        error.show()
        return False
    return True


def _template(name: str | None, *, asks: bool) -> Template:
    if name is None:
        if not asks:
            return TEMPLATES[DEFAULT]
        name = choose("Template", {template.name: template.description for template in TEMPLATES.values()}, DEFAULT)
    found = template_named(name)
    if found is None:
        near = did_you_mean(name, TEMPLATES)
        raise WrongUseError(f"there is no template {name!r}", near or f"choose one of {', '.join(TEMPLATES)}")
    return found


def _write(target: Path, shown: str, template: Template) -> list[str]:
    try:
        target.mkdir(parents=True, exist_ok=True)
        return write_project(target, template)
    except OccupiedError as error:
        names = error.names if len(error.names) <= 4 else [*error.names[:3], f"{len(error.names) - 3} more"]
        remedy = "choose another folder, or move them away"
        raise CommandError(f"{shown} has {' and '.join(names)} already; nothing was written", remedy) from error
    except OSError as error:
        raise CommandError(f"cannot write {error.filename or target}: {error.strerror}") from error


def _next_steps(target: Path, *, is_ready: bool, layout: Layout) -> list[str]:
    here = Path.cwd()
    steps = [] if target == here else [f"cd {shlex.quote(os.path.relpath(target, here))}"]
    steps += [] if is_ready else ["motia-core install"]
    steps.append("motia-core dev")
    return ["", "Next:", *(f"  {layout.cyan(step)}" for step in steps), ""]
