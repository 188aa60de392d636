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
@click.option("--delay", metavar="DURATION", help="Hold it back: 500ms, 30s, 5m, 2h, 7d.")
@click.option("--at", metavar="TIME", help="Deliver it then: ISO 8601, such as 2030-01-31T09:00:00Z.")
@click.option("--key", help="Idempotency key: dropped if its topic and key were seen within the window.")
@click.option("--window", metavar="DURATION", help="How long the key counts.")
@click.option("--priority", type=click.IntRange(-100, 100), help="Higher ones are started first.")
@core_options
@json_option
def emit(
    topic: str,
    data: str,
    group: str | None,
    delay: str | None,
    at: str | None,
    key: str | None,
    window: str | None,
    priority: int | None,
    url: str | None,
    port: int | None,
    as_json: bool,
) -> None:
    """Emit an event to the running core.

    JSON is the event's data; - reads it from standard input.
    """
    try:
        value = json.loads(sys.stdin.read() if data == "-" else data)
    except ValueError as error:
        message = f"the data is not JSON: {error}; quote it for the shell, as in '{{\"id\": 7}}'"
        raise click.BadParameter(message, param_hint="JSON") from error
    from motia_core.cli.client import CoreClient

    options = {
        "messageGroupId": group or None,
        "delay": delay,
        "at": at,
        "idempotencyKey": key,
        "idempotencyWindow": window,
        "priority": priority,
    }
    given = {name: value for name, value in options.items() if value is not None}
    answer = CoreClient.of(url, port).post("/emit", {"topic": topic, "data": value, **given})
    if as_json:
        click.echo(json.dumps(answer, indent=2))
        return
    count = answer.get("subscribers")
    to = "1 step" if count == 1 else f"{count} steps"
    click.echo(f"emitted {topic} to {to} (trace {answer.get('traceId')})")
    if count == 0:
        click.echo("no step subscribes to it: see `motia-core serve` or GET /__motia/steps for the topics", err=True)
