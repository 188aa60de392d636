"""`motia-core routes` and `motia-core check`: load the project, say what is in it, and stop."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from motia_core.cli.options import json_option, project_argument, settings_of

PROBLEMS_FOUND = 1  # exit code
FILE = click.Path(path_type=Path, dir_okay=False)

if TYPE_CHECKING:
    from motia_core.model.project import Project


@click.command()
@project_argument
@json_option
@click.pass_context
def routes(ctx: click.Context, project: Path, as_json: bool) -> None:
    """List the routes of the project's api steps."""
    loaded = loaded_project(ctx, project)
    from motia_core.cli import overview
    from motia_core.cli.layout import Layout
    from motia_core.model.step import StepType
    from motia_core.workbench.describe import describe_route

    if as_json:
        _print_json([describe_route(step) for step in loaded.steps if step.type is StepType.API])
    else:
        layout = Layout.of(sys.stdout)
        _print(overview.routes(loaded, layout) or ["the project has no api steps"], layout)
    if what := failed(loaded):
        click.echo(f"{what} failed to load: run `motia-core check`", err=True)


@click.command()
@project_argument
@json_option
@click.option("--strict", is_flag=True, help="Warnings count as failures.")
@click.option("-v", "--verbose", is_flag=True, help="Show stack traces.")
@click.option("--against", "before", metavar="REV|FILE", help="Find changes that break something since then.")
@click.option("--write-contracts", "kept", type=FILE, help="Write what --against takes later.")
@click.pass_context
def check(
    ctx: click.Context,
    project: Path,
    as_json: bool,
    strict: bool,
    verbose: bool,
    before: str | None,
    kept: Path | None,
) -> None:
    """Load everything and print what is wrong, with what to do about it.

    The exit code is 0 when every file loads, and 1 otherwise. With --against, a git revision or a file that
    --write-contracts made, it is also 1 when a change breaks clients, queued events or stored items.
    """
    loaded = loaded_project(ctx, project)
    from motia_core.cli import against, overview
    from motia_core.cli.layout import Layout
    from motia_core.workbench.describe import describe_load

    root = settings_of(project).project
    changes = against.changes_since(ctx, root, before, loaded) if before else ()
    if kept:
        against.write_contracts(kept, loaded)
    if as_json:
        compared = {"changes": [against.describe_change(change) for change in changes]} if before else {}
        _print_json({**describe_load(loaded), **compared})
    else:
        layout = Layout.of(sys.stdout)
        found = overview.problems(loaded.problems, layout, with_stacks=verbose)
        broken = against.changes_text(changes, before, layout) if before else []
        _print([*found, *([""] if found else []), overview.loaded(loaded, layout), *broken], layout)
    has_error = any(problem.severity == "error" for problem in loaded.problems)
    ctx.exit(PROBLEMS_FOUND if has_error or changes or (strict and loaded.problems) else 0)


def loaded_project(ctx: click.Context, project: Path) -> Project:
    """The project, as its sidecars load it; what is worth a warning goes to standard error."""
    settings = settings_of(project)
    from motia_core import __version__
    from motia_core.app import load_project
    from motia_core.cli.console import TextConsole
    from motia_core.cli.layout import Layout
    from motia_core.cli.loop import run
    from motia_core.cli.writer import STDERR, LineWriter

    least = "debug" if ctx.find_root().params["debug"] else "warn"
    with closing(LineWriter(STDERR)) as writer:
        log = TextConsole(writer, Layout.of(sys.stderr), settings.project, __version__, least=least)
        return run(load_project(settings, log))


def failed(project: Project) -> str:
    """How many files did not load, such as `2 files`; empty for none."""
    files = {problem.file for problem in project.problems if problem.severity == "error"}
    return "" if not files else "1 file" if len(files) == 1 else f"{len(files)} files"


def _print(lines: list[str], layout: object) -> None:
    click.echo("\n".join(lines), color=getattr(layout, "has_colour", False))


def _print_json(value: object) -> None:
    import orjson

    click.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2))
