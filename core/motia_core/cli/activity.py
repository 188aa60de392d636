"""Runs the programs of others and shows on a terminal how far they are: a bar, the time, their last line."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from motia_core.cli.failing import CommandError
from motia_core.cli.layout import INDENT, Layout, clean, shortened
from motia_core.cli.progress import Measure, Share, unknown

BAR = 12  # characters
LIT = 4  # of them
REDRAWN_S = 0.1


@dataclass(frozen=True, slots=True)
class Done:
    """How a program ended."""

    code: int
    output: str


def run_shown(
    command: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    title: str,
    layout: Layout,
    *,
    verbose: bool,
    measure: Measure = unknown,
) -> Done:
    """Run a program to its end; Ctrl-C ends it, too.

    Args:
        title: What is shown for it.
        verbose: Show its output as it comes, instead of keeping it.
        measure: How far it is, of the lines that it has printed.

    Raises:
        CommandError: It cannot be started.
    """
    if verbose:
        click.echo(layout.dim(f"{INDENT}{' '.join(command)}"), color=layout.has_colour)
    try:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=None if verbose else subprocess.PIPE,
            stderr=None if verbose else subprocess.STDOUT,
            text=True,
            errors="replace",
        )
    except OSError as error:
        raise CommandError(f"{command[0]} cannot be started: {error.strerror}") from error
    with process:
        if verbose:
            return Done(process.wait(), "")
        lines: list[str] = []
        reader = threading.Thread(target=_read, args=(process, lines), daemon=True)
        reader.start()
        if sys.stdout.isatty():
            _draw(reader, lines, title, layout, measure)
        else:
            click.echo(f"{INDENT}{title} …")
        reader.join()
        return Done(process.wait(), "".join(lines))


def _read(process: subprocess.Popen[str], lines: list[str]) -> None:
    assert process.stdout is not None
    lines.extend(process.stdout)


def _draw(reader: threading.Thread, lines: Sequence[str], title: str, layout: Layout, measure: Measure) -> None:
    """Draw one line, again and again, until the reader ends."""
    began_s = time.monotonic()
    frame = 0
    while reader.is_alive():
        share = measure(lines)
        bar = _moving(frame) if share is None else f"{_filled(share)}  {share}"
        head = f"{INDENT}{title}  {bar}  {time.monotonic() - began_s:4.1f} s  "
        last = clean(lines[-1].strip()) if lines else ""
        shown = head + layout.dim(shortened(last, max(0, layout.width - len(head) - 1)))
        click.echo(f"\r\x1b[2K{shown}", nl=False, color=layout.has_colour)
        reader.join(REDRAWN_S)
        frame += 1
    click.echo("\r\x1b[2K", nl=False, color=True)


def _moving(frame: int) -> str:
    """Something goes on, nobody knows how far it is."""
    at = frame % BAR
    return "".join("━" if (place - at) % BAR < LIT else "─" for place in range(BAR))


def _filled(share: Share) -> str:
    lit = BAR * share.done // share.total
    return "━" * lit + "─" * (BAR - lit)
