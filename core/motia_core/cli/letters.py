"""`motia-core dlq`: looks at dead letters, brings them back, deletes them."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

import click

from motia_core.cli.layout import Layout, clean
from motia_core.cli.options import core_options, json_option

Command = TypeVar("Command", bound=Callable[..., Any])


def _filters(command: Command) -> Command:
    command = click.option("--step", help="Only those of this step.")(command)
    return click.option("--topic", help="Only those of this topic.")(command)


@click.group()
def dlq() -> None:
    """Dead letters: events that failed too often."""


@dlq.command("list")
@_filters
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="How many, newest first.")
@click.option("--before", type=int, metavar="ID", help="Only those below this id.")
@core_options
@json_option
def list_letters(
    topic: str | None,
    step: str | None,
    limit: int,
    before: int | None,
    url: str | None,
    port: int | None,
    as_json: bool,
) -> None:
    """List dead letters, newest first."""
    from motia_core.cli.client import CoreClient

    query = {"topic": topic, "step": step, "limit": limit, "before": before}
    answer = CoreClient.of(url, port).get("/dlq", query)
    if as_json:
        click.echo(json.dumps(answer, indent=2, ensure_ascii=False))
        return
    layout = Layout.of(sys.stdout)
    letters: Any = answer["deadLetters"]
    rows = [
        (str(one["id"]), _when(one["deadMs"]), one["topic"], one["step"], f"{one['attempts']}x", _first(one["reason"]))
        for one in letters
    ]
    lines = layout.columns(rows, ends_with_path=False) or ["no dead letters"]
    if answer.get("nextBefore"):
        lines.append(f"there are more: --before {answer['nextBefore']}")
    click.echo("\n".join(lines), color=layout.has_colour)


@dlq.command()
@click.argument("letter_id", metavar="ID", type=int)
@core_options
@json_option
def show(letter_id: int, url: str | None, port: int | None, as_json: bool) -> None:
    """Show one dead letter with its data and every failure."""
    from motia_core.cli.client import CoreClient

    answer: dict[str, Any] = CoreClient.of(url, port).get(f"/dlq/{letter_id}")
    if as_json:
        click.echo(json.dumps(answer, indent=2, ensure_ascii=False))
        return
    layout = Layout.of(sys.stdout)
    facts = [
        ("queue", answer["queue"]),
        ("trace", answer["traceId"]),
        ("emitted", _when(answer["emittedMs"])),
        ("given up", f"{_when(answer['deadMs'])} after {_counted(answer['attempts'], 'attempt')}"),
        *([("group", answer["messageGroupId"])] if answer["messageGroupId"] else []),
    ]
    lines = [f"{layout.bold(name.ljust(9))} {clean(str(value))}" for name, value in facts]
    lines += [layout.bold("data"), clean(json.dumps(answer["data"], indent=2, ensure_ascii=False))]
    for failed in answer["failures"]:
        lines.append(layout.bold(f"attempt {failed['attempt']}, {_when(failed['failedMs'])}"))
        lines += _failure(layout, failed)
    click.echo("\n".join(lines), color=layout.has_colour)


@dlq.command()
@click.argument("ids", nargs=-1, type=int)
@click.option("--all", "takes_all", is_flag=True, help="All that --topic and --step let through.")
@click.option("--data", metavar="JSON", help="Deliver them with this data instead of their own.")
@_filters
@core_options
@json_option
def redrive(
    ids: tuple[int, ...],
    takes_all: bool,
    data: str | None,
    topic: str | None,
    step: str | None,
    url: str | None,
    port: int | None,
    as_json: bool,
) -> None:
    """Deliver dead letters again, as if they were new."""
    body = {**_selection(ids, takes_all, topic, step), **({} if data is None else {"data": _json(data)})}
    from motia_core.cli.client import CoreClient

    answer = CoreClient.of(url, port).post("/dlq/redrive", body)
    click.echo(json.dumps(answer) if as_json else f"delivering {_counted(answer['redriven'], 'dead letter')} again")


@dlq.command()
@click.argument("ids", nargs=-1, type=int)
@click.option("--all", "takes_all", is_flag=True, help="All that --topic and --step let through.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@_filters
@core_options
@json_option
def discard(
    ids: tuple[int, ...],
    takes_all: bool,
    yes: bool,
    topic: str | None,
    step: str | None,
    url: str | None,
    port: int | None,
    as_json: bool,
) -> None:
    """Delete dead letters."""
    selection = _selection(ids, takes_all, topic, step)
    if takes_all and not yes:
        click.confirm("Delete all of them? They cannot be brought back", abort=True)
    from motia_core.cli.client import CoreClient

    answer = CoreClient.of(url, port).post("/dlq/discard", selection)
    click.echo(json.dumps(answer) if as_json else f"deleted {_counted(answer['discarded'], 'dead letter')}")


def _failure(layout: Layout, failed: dict[str, Any]) -> list[str]:
    """What failed with its stack, and what that was caused by."""
    name = f"{failed['type']}: " if failed["type"] else ""
    what = f"{name}{failed['message']}"
    lines = [layout.red(line) for line in layout.paragraph(what, "  ")]
    stack = clean((failed["stack"] or "").removeprefix(what))  # JavaScript's begins with the message
    lines += (layout.dim(f"  {line}") for line in stack.strip("\n").splitlines())
    if failed["cause"]:
        lines += [layout.dim("  caused by"), *_failure(layout, failed["cause"])]
    return lines


def _selection(ids: tuple[int, ...], takes_all: bool, topic: str | None, step: str | None) -> dict[str, object]:
    if takes_all == bool(ids):
        raise click.UsageError("say which: either IDs or --all")
    if ids and (topic or step):
        raise click.UsageError("--topic and --step go with --all")
    if ids:
        return {"ids": list(ids)}
    return {"all": True, **({"topic": topic} if topic else {}), **({"step": step} if step else {})}


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError as error:
        message = f"it is not JSON: {error}; quote it for the shell, as in '{{\"id\": 7}}'"
        raise click.BadParameter(message, param_hint="--data") from error


def _counted(count: object, noun: str) -> str:
    return f"1 {noun}" if count == 1 else f"{count} {noun}s"


def _when(time_ms: int) -> str:
    return datetime.fromtimestamp(time_ms / 1000).strftime("%Y-%m-%d %H:%M:%S")  # the reader's clock


def _first(text: str) -> str:
    return (text.splitlines() or [""])[0]
