"""`motia-core serve`, and `motia-core dev`, which serves what is saved."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from motia_core.cli.options import Command, project_argument, settings_of
from motia_core.settings import ALL


def serving_options(command: Command) -> Command:
    """What both take."""
    options: list[Callable[[Command], Command]] = [
        click.option("--host", help="Address to listen on.  [default: 127.0.0.1]"),
        click.option("--port", type=click.IntRange(0, 65_535), help="Port; 0 takes a free one.  [default: 3000]"),
        click.option("--data-dir", type=click.Path(path_type=Path), help="Where data is kept.  [default: .motia-core]"),
        click.option(
            "--log-format",
            type=click.Choice(["text", "json"]),
            help="How logs are written.  [default: text on terminals, for serve json elsewhere]",
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return project_argument(command)


def external_groups(text: str | None) -> list[str] | None:
    """The language groups that `--sidecars` says are external."""
    if text is None or text == "launched":
        return None if text is None else []
    which, _, groups = text.partition("=")
    if which != "external" or (not groups and "=" in text):
        raise click.BadParameter(f"{text!r} is none: launched, external, or external=go,node")
    return [group.strip() for group in groups.split(",")] if groups else [ALL]


@click.command()
@serving_options
@click.option("--listen", metavar="HOST:PORT", help="Where external sidecars attach.")
@click.option(
    "--sidecars",
    metavar="WHICH",
    callback=lambda _, __, value: external_groups(value),
    help="Who runs the sidecars: launched, external, or external=go,node for some.  [default: launched]",
)
@click.pass_context
def serve(ctx: click.Context, /, log_format: str | None, **given: Any) -> None:
    """Run the project until Ctrl-C or SIGTERM.

    PROJECT is a folder with steps/ or src/; the current one when it is left out.
    """
    _serve(ctx, log_format or ("text" if sys.stdout.isatty() else "json"), **given)


@click.command()
@serving_options
@click.pass_context
def dev(ctx: click.Context, /, log_format: str | None, **given: Any) -> None:
    """Run the project, and serve its files as they are saved.

    PROJECT is a folder with steps/ or src/; the current one when it is left out. What runs when a file is saved ends
    with the code it began with. A file that cannot be loaded changes nothing until it can.
    """
    _serve(ctx, log_format or "text", reload=True, **given)


def _serve(
    ctx: click.Context,
    log_format: str,
    *,
    project: Path,
    host: str | None,
    port: int | None,
    data_dir: Path | None,
    reload: bool | None = None,
    listen: str | None = None,
    sidecars: list[str] | None = None,
) -> None:
    flags = {
        "http.host": host,
        "http.port": port,
        "data_dir": data_dir,
        "reload": reload,
        "sidecars.listen": listen,
        "sidecars.external": sidecars,
    }
    settings = settings_of(project, flags)

    # What a core is made of is imported only when there is one to run: `--help` must not wait for it.
    from motia_core import __version__
    from motia_core.app import serve as serve_project
    from motia_core.cli.console import JsonConsole, TextConsole
    from motia_core.cli.layout import Layout
    from motia_core.cli.loop import run
    from motia_core.cli.writer import STDOUT, LineWriter
    from motia_core.engine.ports import Console

    writer = LineWriter(STDOUT)
    least = "debug" if ctx.find_root().params["debug"] else "info"
    console: Console
    if log_format == "json":
        console = JsonConsole(writer, __version__, least=least)
    else:
        console = TextConsole(writer, Layout.of(sys.stdout), settings.project, __version__, least=least)
    try:
        code = run(serve_project(settings, console))
    finally:
        writer.close()
    ctx.exit(code)
