"""`motia-core version`."""

from __future__ import annotations

import platform

import click

from motia_core import __version__
from motia_core.cli.options import json_option


@click.command()
@json_option
def version(as_json: bool) -> None:
    """Print the version."""
    if not as_json:
        click.echo(f"motia-core {__version__}")
        return
    import orjson

    facts = {"version": __version__, "python": platform.python_version(), "platform": platform.platform()}
    click.echo(orjson.dumps(facts, option=orjson.OPT_INDENT_2))
