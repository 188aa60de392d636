"""`motia-core test-server`: what `startMotia` of `motia/testing` starts. Not for people: hidden."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("test-server", hidden=True)
@click.argument("project", type=click.Path(path_type=Path), required=False)
def test_server(project: Path | None) -> None:
    """Run PROJECT for the tests of another process, which asks over standard input and output."""
    from motia_core.cli.loop import run
    from motia_core.testing.server import run_test_server

    run(run_test_server(project))
