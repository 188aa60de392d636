"""`motia-core test-server`: what `startMotia` of `motia/testing` starts. Not for people: hidden."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("test-server", hidden=True)
@click.argument("project", type=click.Path(path_type=Path), required=False)
@click.option("--options", default="{}", help="JSON object: settings, env, steps, streams.")
def test_server(project: Path | None, options: str) -> None:
    """Run PROJECT for the tests of another process, which asks over standard input and output."""
    import orjson

    from motia_core.cli.loop import run
    from motia_core.testing.opening import Options
    from motia_core.testing.server import run_test_server
    from motia_core.testing.steps import GivenStep

    given = orjson.loads(options)
    steps = tuple(GivenStep(config) for config in given.get("steps") or ())
    streams = tuple(given.get("streams") or ())
    run(run_test_server(Options(project, steps, streams, given.get("settings") or {}, given.get("env") or {})))
