"""`motia-core cron`: shows schedules, and runs a cron step now."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from typing import Any

import click

from motia_core.cli.layout import Layout
from motia_core.cli.options import core_options, json_option


@click.group()
def cron() -> None:
    """Cron steps: when they run next, and running one now."""


@cron.command("list")
@core_options
@json_option
def list_schedules(url: str | None, port: int | None, as_json: bool) -> None:
    """List cron steps with their next due times."""
    from motia_core.cli.client import CoreClient

    answer = CoreClient.of(url, port).get("/cron")
    if as_json:
        click.echo(json.dumps(answer, indent=2, ensure_ascii=False))
        return
    layout = Layout.of(sys.stdout)
    steps: Any = answer["cron"]
    rows = [(one["step"], one["cron"], one["timezone"] or "", _next(one)) for one in steps]
    lines = layout.columns(rows, ends_with_path=False) or ["no cron steps"]
    click.echo("\n".join(lines), color=layout.has_colour)


@cron.command()
@click.argument("step")
@core_options
@json_option
def run(step: str, url: str | None, port: int | None, as_json: bool) -> None:
    """Run a cron step now, beside its schedule."""
    from motia_core.cli.client import CoreClient

    answer = CoreClient.of(url, port).post("/cron/run", {"step": step})
    click.echo(json.dumps(answer) if as_json else f"running {step} (trace {answer['traceId']})")


def _next(one: dict[str, Any]) -> str:
    next_ms = one["nextMs"]
    if one["paused"]:
        return "paused (motia-core queues resume)"
    if not next_ms:
        return "schedules are not followed (cron_enabled)"
    shown = [datetime.fromtimestamp(due_ms / 1000).strftime("%Y-%m-%d %H:%M:%S") for due_ms in next_ms[:2]]
    return ", then ".join(shown)  # the reader's clock
