"""Every command and option of the command line is in docs/cli.md, and nothing else is."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click
import pytest

from motia_core.cli import failing, main
from tests.repo.repository import ROOT, blocks, table

PAGE = ROOT / "docs" / "cli.md"
USAGES = [line for block in blocks(PAGE) if block.language == "sh" for line in block.text.splitlines()]
CORE_OPTIONS = {"--url", "--port"}  # of dlq and cron: said once, in a sentence


def commands(group: click.Group, prefix: str = "motia-core") -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{prefix} {name}")
        else:
            yield f"{prefix} {name}", command


ALL = dict(commands(main))  # type: ignore[arg-type]  # a click.Group


def usage(name: str) -> str:
    (line,) = (line for line in USAGES if re.match(rf"{name}(?![\w-])", line))
    return line


@pytest.mark.parametrize("name", ALL)
def test_usage_has_all_options(name: str) -> None:
    written = set(re.findall(r"--[a-z-]+", usage(name)))
    real = {max(option.opts, key=len) for option in ALL[name].params if isinstance(option, click.Option)}
    if any(f" {group} " in name for group in ("dlq", "cron", "queues")):
        real -= CORE_OPTIONS
    assert written == real


def test_page_has_no_other_command() -> None:
    assert len(USAGES) == len(ALL)


@pytest.mark.parametrize("name", ALL)
def test_every_command_says_what_it_does(name: str) -> None:
    assert ALL[name].get_short_help_str(200)
    assert all(option.help for option in ALL[name].params if isinstance(option, click.Option))


def test_exit_codes_are_those_of_the_code() -> None:
    codes = [int(row[0]) for row in table(PAGE, "Exit codes")]
    kinds = (failing.CommandError, failing.WrongUseError, failing.NoCoreError, failing.CannotStartError)
    assert codes == [0, *(kind.exit_code for kind in kinds)]
