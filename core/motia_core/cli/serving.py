"""`motia-core serve`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from motia_core.cli.options import project_argument, settings_of


@click.command()
@project_argument
@click.option("--host", help="Address to listen on.  [default: 127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65_535), help="Port; 0 takes a free one.  [default: 3000]")
@click.option("--data-dir", type=click.Path(path_type=Path), help="Where data is kept.  [default: .motia-core]")
@click.option(
    "--log-format", type=click.Choice(["text", "json"]), default="text", help="How logs are written.", show_default=True
)
@click.pass_context
def serve(
    ctx: click.Context, project: Path, host: str | None, port: int | None, data_dir: Path | None, log_format: str
) -> None:
    """Run the project until Ctrl-C or SIGTERM.

    PROJECT is a folder with steps/ or src/; the current one when it is left out.
    """
    settings = settings_of(project, {"http.host": host, "http.port": port, "data_dir": data_dir})

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
