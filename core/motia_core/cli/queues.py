"""`motia-core queues`: shows what waits for each step; pauses a step, and goes on with it."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from motia_core.cli.layout import Layout
from motia_core.cli.options import core_options, json_option


@click.group()
def queues() -> None:
    """Queues of event and cron steps: how long they are; pausing one."""


@queues.command("list")
@core_options
@json_option
def list_queues(url: str | None, port: int | None, as_json: bool) -> None:
    """List queues with what waits, runs and was given up."""
    from motia_core.cli.client import CoreClient

    answer = CoreClient.of(url, port).get("/queues")
    if as_json:
        click.echo(json.dumps(answer, indent=2, ensure_ascii=False))
        return
    layout = Layout.of(sys.stdout)
    found: Any = answer["queues"]
    rows = [_row(one) for one in found]
    lines = layout.columns(rows, ends_with_path=False) or ["no queues"]
    click.echo("\n".join(lines), color=layout.has_colour)


def _row(queue: dict[str, Any]) -> tuple[str, ...]:
    counts = (f"{queue[name]} {name}" for name in ("waiting", "delayed", "running", "dead"))
    return (queue["step"], *counts, "paused" if queue["paused"] else "")


@queues.command()
@click.argument("step")
@core_options
@json_option
def pause(step: str, url: str | None, port: int | None, as_json: bool) -> None:
    """Start nothing of a step until it is resumed; of a cron step, let its due times pass. What runs goes on."""
    _switch("pause", step, url, port, as_json)


@queues.command()
@click.argument("step")
@core_options
@json_option
def resume(step: str, url: str | None, port: int | None, as_json: bool) -> None:
    """Go on with a step that was paused."""
    _switch("resume", step, url, port, as_json)


def _switch(what: str, step: str, url: str | None, port: int | None, as_json: bool) -> None:
    from motia_core.cli.client import CoreClient

    answer = CoreClient.of(url, port).post(f"/queues/{what}", {"step": step})
    click.echo(json.dumps(answer) if as_json else f"{step} {'is paused' if answer['paused'] else 'goes on'}")
