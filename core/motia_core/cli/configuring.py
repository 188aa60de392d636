"""`motia-core config`: the effective settings, and where each of them comes from."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path

import click

from motia_core.cli.layout import Layout, shortened
from motia_core.cli.options import json_option, project_argument
from motia_core.project.env import project_environment
from motia_core.project.lines import line_of_setting, line_of_variable
from motia_core.settings import DAYS, HOURS, KIB, MIB, MINUTES, SECONDS
from motia_core.settings_load import COMMAND_LINE, FILE, Setting, known, load_settings, load_with_origins

SECRET = frozenset({"http.admin_token", "sidecars.token", "store.url", "otlp.headers"})  # or has one in it
LONGEST = 40  # characters of a value in the table; --json has all of it
DURATIONS = (("d", DAYS), ("h", HOURS), ("m", MINUTES), ("s", SECONDS), ("ms", 1))
SIZES = (("MiB", MIB), ("KiB", KIB), ("B", 1))


@dataclass(frozen=True, slots=True)
class Effective:
    """A setting with its value."""

    setting: Setting
    value: object
    origin: str  # for people; empty: the default
    file: str = ""
    line: int = 0  # 0: unknown

    @property
    def shown(self) -> str:
        """The value, as it could be written; of what is secret only whether it is there."""
        if self.setting.name in SECRET:
            return "set" if self.value else "unset"
        return _text(self.setting.name, self.value)


@click.command()
@project_argument
@click.option("--host", help="As for serve.")
@click.option("--port", type=click.IntRange(0, 65_535), help="As for serve.")
@click.option("--data-dir", type=click.Path(path_type=Path), help="As for serve.")
@click.option("--changed", is_flag=True, help="Leave out what has its default.")
@json_option
def config(
    project: Path, host: str | None, port: int | None, data_dir: Path | None, changed: bool, as_json: bool
) -> None:
    """Print the settings of the project, and where each value comes from.

    Of secrets it is shown whether they are set, and nothing else.
    """
    flags = {"http.host": host, "http.port": port, "data_dir": data_dir and Path(os.path.abspath(data_dir))}  # noqa: PTH100
    found = [one for one in effective(project, flags) if one.origin or not changed]
    if as_json:
        import orjson

        listed = {one.setting.name: _described(one) for one in found}
        click.echo(orjson.dumps(listed, option=orjson.OPT_INDENT_2))
        return
    layout = Layout.of(sys.stdout)
    rows = [(one.setting.name, shortened(one.shown, LONGEST), one.origin or "default") for one in found]
    lines = layout.columns(rows, ends_with_path=False) or ["every setting has its default"]
    click.echo("\n".join(lines), color=layout.has_colour)


def effective(project: Path, flags: Mapping[str, object]) -> Iterable[Effective]:
    """All settings, in the order of the documentation.

    Raises:
        ProjectNotFoundError, SettingsError: As `load_settings`.
    """
    if not project.is_dir():
        load_settings(project, {}, {})  # raises
    settings, origins = load_with_origins(project, project_environment(project), flags)
    for setting in known().values():
        value = attrgetter(setting.name)(settings)
        yield _with_place(settings.project, setting, value, origins.get(setting.name, ""))


def _with_place(project: Path, setting: Setting, value: object, origin: str) -> Effective:
    if not origin or origin == COMMAND_LINE:
        return Effective(setting, value, origin and "command line")
    if origin == FILE:
        line = line_of_setting(project / FILE, setting.name)
        return Effective(setting, value, f"{FILE}:{line}" if line else FILE, FILE, line)
    if origin in os.environ:
        return Effective(setting, value, f"environment: {origin}")
    line = line_of_variable(project / ".env", origin)
    return Effective(setting, value, f".env:{line}: {origin}", ".env", line)


def _described(one: Effective) -> dict[str, object]:
    is_secret = one.setting.name in SECRET
    value = one.shown if is_secret else _plain(one.value)
    place = {"file": one.file, "line": one.line or None} if one.file else {}
    return {"value": value, "from": one.origin or "default", "variable": one.setting.env, **place}


def _plain(value: object) -> object:
    match value:
        case Path():
            return str(value)
        case tuple():
            return list(value)
        case dict():
            return {name: _plain(one) for name, one in value.items()}
    return value


def _text(name: str, value: object) -> str:
    match value:
        case None:
            return "–"
        case bool():
            return str(value).lower()
        case int() if name.endswith("_ms"):
            return _in_units(value, DURATIONS)
        case int() if name.endswith("_bytes"):
            return _in_units(value, SIZES)
        case tuple():
            return ", ".join(map(str, value)) or "off"
        case dict():
            return ", ".join(f"{key}={one}" for key, one in value.items()) or "–"
    return str(value)


def _in_units(value: int, units: tuple[tuple[str, int], ...]) -> str:
    """A number in the largest unit that it is a whole number of."""
    return next(f"{value // size}{unit}" for unit, size in units if value % size == 0 and (value or size == 1))
