"""`motia-core generate-types`: load the project and write the types of its steps."""

from __future__ import annotations

import difflib
from pathlib import Path

import click

from motia_core.cli.failing import CommandError
from motia_core.cli.loading import PROBLEMS_FOUND, failed, loaded_project
from motia_core.cli.options import project_argument, settings_of

MOST_LINES = 40  # of differences that are shown


@click.command("generate-types")
@project_argument
@click.option("--check", "only_check", is_flag=True, help="Write nothing; fail when the files are not up to date.")
@click.pass_context
def generate_types(ctx: click.Context, project: Path, only_check: bool) -> None:
    """Write types.d.ts and motia_types.py, for the languages that the project has.

    With --check the exit code is 1 when a file is missing or different, and the differences are printed.
    """
    root = settings_of(project).project
    loaded = loaded_project(ctx, project)
    from motia_core.project.typegen import generated_types, outdated_types, write_types

    if only_check:
        outdated = outdated_types(root, loaded)
        for path, text in outdated.items():
            click.echo(_difference(root / path, path, text))
        if outdated:
            files = " and ".join(outdated)
            raise CommandError(f"not up to date: {files}", "run `motia-core generate-types`")
    else:
        try:
            written = write_types(root, loaded)
        except OSError as error:
            raise CommandError(f"cannot write {error.filename or root}: {error.strerror}") from error
        for path in generated_types(loaded):
            click.echo(f"{path}: {'written' if path in written else 'up to date'}")
    if what := failed(loaded):
        click.echo(f"{what} failed to load and cannot be in it: run `motia-core check`", err=True)
        ctx.exit(PROBLEMS_FOUND)


def _difference(file: Path, path: str, text: str) -> str:
    try:
        found = file.read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return f"{path}: missing"
    lines = list(difflib.unified_diff(found, text.splitlines(), path, f"{path} (as it should be)", n=1, lineterm=""))
    more = [f"… and {len(lines) - MOST_LINES} more lines"] if len(lines) > MOST_LINES else []
    return "\n".join(lines[:MOST_LINES] + more)
