"""Arguments and options that several commands share, and how settings come from them."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from motia_core.model.duration import read_duration
from motia_core.project.env import project_environment
from motia_core.settings import Settings
from motia_core.settings_load import load_settings

Command = TypeVar("Command", bound=Callable[..., Any])


class Duration(click.ParamType[int]):
    """`DURATION`: milliseconds, given as `500ms`, `30s`, `5m`, `2h`, `7d`."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read it."""
        ms = value if isinstance(value, int) else read_duration(str(value))
        if ms is None:
            self.fail(f"{value!r} is no duration: 500ms, 30s, 5m, 2h and 7d are some", param, ctx)
        return ms


def project_argument(command: Command) -> Command:
    """`[PROJECT]`."""
    return click.argument("project", type=click.Path(path_type=Path), default=".", metavar="[PROJECT]")(command)


def json_option(command: Command) -> Command:
    """`--json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(command)


def core_options(command: Command) -> Command:
    """`--url` and `--port`: which running core is meant."""
    command = click.option("--port", type=click.IntRange(1, 65_535), help="Port of a core on this machine.")(command)
    return click.option("--url", metavar="URL", help="Where the core runs, such as http://127.0.0.1:3000.")(command)


def settings_of(project: Path, flags: Mapping[str, object] | None = None) -> Settings:
    """The settings of a project. Relative paths among the flags are relative to the current folder."""
    given = {
        name: Path(os.path.abspath(value)) if isinstance(value, Path) else value  # noqa: PTH100  # keeps links
        for name, value in (flags or {}).items()
    }
    if not project.is_dir():
        return load_settings(project, {}, {})  # raises
    return load_settings(project, project_environment(project), given)
