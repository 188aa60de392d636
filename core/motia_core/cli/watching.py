"""`motia-core traces`, `trace`, `logs` and `top`: what a running core does, in the terminal."""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import click

from motia_core.cli.layout import Layout, clean, duration
from motia_core.cli.options import Duration, core_options, json_option
from motia_core.cli.waterfall import waterfall

STATUSES = ("running", "waiting", "completed", "failed")
LEVELS = ("debug", "info", "warn", "error")
MARKS = {"completed": "✓", "failed": "✗", "running": "…", "waiting": "◦"}
HOME, END_OF_LINE, END_OF_SCREEN = "\x1b[H", "\x1b[K", "\x1b[J"  # written over, the screen does not flicker
TOP_S = 2.0  # between two readings of `top`


@click.command()
@click.option("--status", type=click.Choice(STATUSES), help="Only these.")
@click.option("--step", metavar="NAME", help="Only runs that this step took part in.")
@click.option("--text", help="Only runs with this in their id, step, route, topic or error.")
@click.option(
    "--since", "since_ms", type=Duration(), help="Only runs of which something ran in the last: 30s, 5m, 2h, 7d."
)
@click.option("--longer-than", "least_ms", type=Duration(), help="Only runs that took so long or longer.")
@click.option("--errors-first", is_flag=True, help="Runs with a failure that nothing made good, then the others.")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="So many.")
@core_options
@json_option
def traces(
    status: str | None,
    step: str | None,
    text: str | None,
    since_ms: int | None,
    least_ms: int | None,
    errors_first: bool,
    limit: int,
    url: str | None,
    port: int | None,
    as_json: bool,
) -> None:
    """List runs, newest first: what each request, event and tick has caused."""
    from motia_core.cli.client import CoreClient

    since = None if since_ms is None else max(1, int(time.time() * 1000) - since_ms)
    query = {"status": status, "step": step, "text": text, "since": since, "minMs": least_ms or None, "limit": limit}
    query["order"] = "errors" if errors_first else None
    answer: Any = CoreClient.of(url, port).get("/runs", query)
    if as_json:
        click.echo(json.dumps(answer["runs"], indent=2, ensure_ascii=False))
        return
    layout = Layout.of(sys.stdout)
    rows = [
        (
            MARKS[run["status"]],
            run["traceId"],
            _clock(run["startedMs"]),
            duration(run["durationMs"]),
            run["name"],
            run["error"] if run["status"] == "failed" else run["label"],
        )
        for run in answer["runs"]
    ]
    lines = layout.columns(rows, ends_with_path=False) or ["  nothing has run"]
    click.echo("\n".join(_coloured(line, layout) for line in lines), color=layout.has_colour)


@click.command()
@click.argument("trace_id")
@core_options
@json_option
def trace(trace_id: str, url: str | None, port: int | None, as_json: bool) -> None:
    """Show one run: what ran when, in which language, what it said, and what went wrong."""
    from motia_core.cli.client import CoreClient

    answer: Any = CoreClient.of(url, port).get(f"/traces/{trace_id}")
    if as_json:
        click.echo(json.dumps(answer, indent=2, ensure_ascii=False))
        return
    layout = Layout.of(sys.stdout)
    click.echo("\n".join(_run_lines(answer, layout)), color=layout.has_colour)


def _run_lines(answer: Mapping[str, Any], layout: Layout) -> list[str]:
    """A run as lines: its attempts as bars in its time, then its errors and log records."""
    run, attempts = answer["run"], answer["attempts"]
    lines = [
        "",
        f"{layout.bold(clean(run['name']))}  {clean(run['label'])}  {_coloured(run['status'], layout)}  "
        f"{duration(run['durationMs'])}  {layout.dim(answer['traceId'])}",
        "",
        *waterfall(attempts, layout),
    ]
    failures = {(one["name"], one["error"]["message"]): one for one in attempts if one["error"]}
    for one in failures.values():  # that of the latest attempt
        lines += ["", f"  {layout.red(clean(one['name']))}  {clean(one['error']['message'])}"]
        if one["error"].get("file"):
            lines.append(f"    {layout.dim(clean(one['error']['file']))}:{one['error']['line']}")
    if answer["logs"]:
        lines += ["", *(_log_line(record, layout) for record in answer["logs"])]
    return [*lines, ""]


@click.command()
@click.option("-f", "--follow", is_flag=True, help="Go on with what comes.")
@click.option("--level", type=click.Choice(LEVELS), help="This and graver ones.")
@click.option("--step", metavar="NAME", help="Only of this step.")
@click.option("--trace", "trace_id", metavar="ID", help="Only of this run.")
@click.option("--text", help="Only with this in the message or the fields.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="So many of before.")
@core_options
@json_option
def logs(
    follow: bool,
    level: str | None,
    step: str | None,
    trace_id: str | None,
    text: str | None,
    limit: int,
    url: str | None,
    port: int | None,
    as_json: bool,
) -> None:
    """Show log records of steps and of the core; with -f also those that come."""
    from motia_core.cli.client import CoreClient

    core = CoreClient.of(url, port)
    layout = Layout.of(sys.stdout)

    def show(record: dict[str, Any]) -> None:
        click.echo(
            json.dumps(record, ensure_ascii=False) if as_json else _log_line(record, layout), color=layout.has_colour
        )

    came = core.events("/feed") if follow else iter(())
    next(came, None)  # it follows from here on: nothing is missed in between
    query = {"level": level, "step": step, "traceId": trace_id, "text": text, "limit": limit}
    before: Any = core.get("/logs", query)
    seen = {record["id"] for record in before["logs"]}
    for record in reversed(before["logs"]):
        show(record)
    for name, data in came:
        for record in data.get("logs", []) if name == "logs" else []:
            if record["id"] not in seen and _is_wanted(record, level, step, trace_id, text):
                show(record)


def _is_wanted(
    record: Mapping[str, Any], level: str | None, step: str | None, trace_id: str | None, text: str | None
) -> bool:
    return (
        (not level or LEVELS.index(record["level"]) >= LEVELS.index(level))
        and (not step or record["step"] == step)
        and (not trace_id or record["traceId"] == trace_id)
        and (not text or text.lower() in json.dumps(record, ensure_ascii=False).lower())
    )


@click.command()
@click.option("--once", is_flag=True, help="Show it once and end.")
@core_options
def top(once: bool, url: str | None, port: int | None) -> None:
    """Show what steps and processes do, again and again until Ctrl-C."""
    from motia_core.cli.client import CoreClient

    core = CoreClient.of(url, port)
    layout = Layout.of(sys.stdout)
    is_once = once or not sys.stdout.isatty()
    while True:
        lines = overview(core.get("/stats", {"minutes": 5}), core.get("/sidecars"), layout)
        if is_once:
            click.echo("\n".join(lines), color=layout.has_colour)
            return
        click.echo(screen(lines, shutil.get_terminal_size().lines), color=True, nl=False)
        time.sleep(TOP_S)


def screen(lines: Sequence[str], height: int) -> str:
    """What puts lines in the place of those that a terminal shows, as many as it has room for."""
    if len(lines) > height:
        lines = [*lines[: height - 1], f"  … {len(lines) - height + 1} more lines"]
    return HOME + "\n".join(line + END_OF_LINE for line in lines) + END_OF_SCREEN


def overview(stats: Mapping[str, Any], sidecars: Mapping[str, Any], layout: Layout) -> list[str]:
    """Steps by how much they do, and processes."""
    busiest = sorted(stats["steps"].items(), key=lambda entry: (-entry[1]["running"], -entry[1]["completed"], entry[0]))
    rows = [("step", "running", "waiting", "done", "failed", "p50", "p95")] + [
        (
            name,
            str(one["running"]),
            str(one["waiting"]),
            str(one["completed"]),
            str(one["failed"]),
            duration(one["p50Ms"]),
            duration(one["p95Ms"]),
        )
        for name, one in busiest
    ]
    processes = [("process", "running", "memory", "loop lag", "restarts")] + [
        (
            one["name"],
            str(one["running"]),
            f"{one['memoryBytes'] / 2**20:.0f} MiB",
            f"{one['loopLagMs']} ms",
            str(one["restarts"]),
        )
        for one in sidecars["sidecars"]
    ]
    awaited = ", ".join(sidecars["awaited"])
    missing = f"nothing is served until a sidecar of each language has attached; missing: {awaited}"
    return [
        *([layout.yellow(missing), ""] if awaited else []),
        layout.dim("the last 5 minutes"),
        *layout.columns(_numbers(rows), ends_with_path=False),
        "",
        *layout.columns(_numbers(processes), ends_with_path=False),
    ]


def _numbers(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """Rows with all cells but the first at the right of their columns."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [[row[0], *map(str.rjust, row[1:], widths[1:])] for row in rows]


def _log_line(record: Mapping[str, Any], layout: Layout) -> str:
    colours = {"debug": layout.dim, "info": layout.green, "warn": layout.yellow, "error": layout.red}
    fields = {name: value for name, value in record["fields"].items() if name != "error"}  # the message says it
    speaker = record["step"] or (fields["sidecar"] if "from" in fields else "")  # what is printed is of a process
    parts = [
        layout.dim(f"[{_clock(record['time'])}]"),
        layout.dim(clean(record["traceId"] or "")),
        colours[record["level"]](record["level"].upper()),
        layout.cyan(clean(speaker)),
        clean(record["msg"]),
        layout.dim(clean(json.dumps(fields, ensure_ascii=False))) if fields and "from" not in fields else "",
    ]
    return " ".join(part for part in parts if part)


def _coloured(text: str, layout: Layout) -> str:
    for word, colour in (("failed", layout.red), ("completed", layout.green), ("✗", layout.red), ("✓", layout.green)):
        text = text.replace(word, colour(word), 1)
    return text


def _clock(ms: float) -> str:
    return datetime.fromtimestamp(ms / 1000).strftime("%H:%M:%S")  # the reader's clock
