"""`motia-core emit`."""

from __future__ import annotations

import json
import sys

import click

from motia_core.cli.options import core_options, json_option


@click.command()
@click.argument("topic")
@click.argument("data", metavar="JSON", default="null")
@click.option("--group", help="Message group, for fifo queues.")
@core_options
@json_option
def emit(topic: str, data: str, group: str | None, url: str | None, port: int | None, as_json: bool) -> None:
    """Emit an event to the running core.

    JSON is the event's data; - reads it from standard input.
    """
    try:
        value = json.loads(sys.stdin.read() if data == "-" else data)
    except ValueError as error:
        message = f"the data is not JSON: {error}; quote it for the shell, as in '{{\"id\": 7}}'"
        raise click.BadParameter(message, param_hint="JSON") from error
    from motia_core.cli.client import CoreClient

    body = {"topic": topic, "data": value, **({"messageGroupId": group} if group else {})}
    answer = CoreClient.of(url, port).post("/emit", body)
    if as_json:
        click.echo(json.dumps(answer, indent=2))
        return
    count = answer.get("subscribers")
    to = "1 step" if count == 1 else f"{count} steps"
    click.echo(f"emitted {topic} to {to} (trace {answer.get('traceId')})")
    if count == 0:
        click.echo("no step subscribes to it: see `motia-core serve` or GET /__motia/steps for the topics", err=True)
