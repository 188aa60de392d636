"""Questions on a terminal. Scripts are never asked."""

from __future__ import annotations

import sys
from collections.abc import Mapping

import click

from motia_core.cli.layout import Layout


def is_conversation() -> bool:
    """Whether there is somebody to ask."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def choose(question: str, choices: Mapping[str, str], default: str) -> str:
    """Let the user choose one of the names, by its number or itself; what each of them means is shown."""
    layout = Layout.of(sys.stdout)
    names = list(choices)
    width = max(map(len, names))
    for number, name in enumerate(names, 1):
        line = f"  {layout.cyan(str(number))} {name.ljust(width)}  {layout.dim(choices[name])}"
        click.echo(line, color=layout.has_colour)

    def read(answer: str) -> str:
        if answer in choices:
            return answer
        if answer.isdecimal() and 1 <= int(answer) <= len(names):
            return names[int(answer) - 1]
        raise click.UsageError(f"a number from 1 to {len(names)}, or a name")

    return str(click.prompt(question, default=default, value_proc=read))
