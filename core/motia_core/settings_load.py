"""Settings from motia.toml, MOTIA_* variables and flags, in rising precedence. What is wrong is said all at once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cache
from pathlib import Path
from types import UnionType
from typing import TYPE_CHECKING, Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from motia_core.errors import ProjectNotFoundError, SettingsError
from motia_core.model.duration import read_duration
from motia_core.model.wording import UNLIMITED, describe, did_you_mean
from motia_core.settings import KIB, MIB, Settings
from motia_core.settings_checks import check_together

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

FILE = "motia.toml"
PREFIX = "MOTIA_"
COMMAND_LINE = "the command line"
SIZES = {"": 1, "b": 1, "kb": 1000, "mb": 1000**2, "gb": 1000**3, "kib": KIB, "mib": MIB, "gib": 1024 * MIB}
FLAGS = {**dict.fromkeys(("true", "1", "yes", "on"), True), **dict.fromkeys(("false", "0", "no", "off"), False)}
# Limits other than "not negative".
LIMITS = {
    "http.port": (0, 65_535),
    "http.max_body_bytes": (1, UNLIMITED),
    "http.max_url_bytes": (1, UNLIMITED),
    "http.max_header_bytes": (1024, UNLIMITED),
    "http.max_headers": (1, UNLIMITED),
    "http.max_connections": (1, UNLIMITED),
    "http.header_timeout_ms": (1, UNLIMITED),
    "http.body_timeout_ms": (1, UNLIMITED),
    "http.keep_alive_ms": (1, UNLIMITED),
    "max_payload_bytes": (1, 60 * MIB),  # a message between core and sidecar has 64
    "default_timeout_ms": (1, UNLIMITED),
    "sidecars.api_slots": (1, UNLIMITED),
    "sidecars.background_slots": (1, UNLIMITED),
    "sidecars.heartbeat_interval_ms": (10, UNLIMITED),
    "sidecars.busy_after_ms": (10, UNLIMITED),
    "sidecars.import_timeout_ms": (1, UNLIMITED),
    "sidecars.lost_after_ms": (10, UNLIMITED),
    "sidecars.start_timeout_ms": (1, UNLIMITED),
    "queue.retry_jitter_percent": (0, 100),
    "queue.concurrency": (1, UNLIMITED),
    "queue.window": (1, UNLIMITED),
    "queue.idempotency_window_ms": (1, UNLIMITED),
    "queue.signal_retention_ms": (1, UNLIMITED),
    "tracing.max_attempts": (1, UNLIMITED),
    "tracing.max_logs": (1, UNLIMITED),
    "tracing.max_bytes": (MIB, UNLIMITED),
    "tracing.max_payload_bytes": (0, MIB),
    "tracing.max_calls": (0, 10_000),
    "otlp.sample_percent": (0, 100),
    "otlp.interval_ms": (100, UNLIMITED),
    "otlp.timeout_ms": (1, UNLIMITED),
    "otlp.max_waiting": (1, UNLIMITED),
}
ON_PATH = ("sidecars.python", "sidecars.node")  # a bare name is looked up on PATH
# Read by Motia 0.x or by our own sidecars; of no meaning here.
OTHERS = re.compile(
    "MOTIA_(ANALYTICS_DISABLED|REDIS_.*|DISABLE_MEMORY_SERVER|WORKBENCH_BASE|TUTORIAL_DISABLED|API_KEY|ENVIRONMENT_ID|"
    "DOCKER_DISABLE_WORKBENCH|PYTHON_VERSION|PLATFORM|ONLY_BINARY|SIDECAR_.*|TRANSPORT_.*)"
)
_ORIGIN = re.compile(r"\*|[a-z][a-z0-9+.-]*://[a-z0-9.*_\[\]:-]+", re.ASCII)
_MEDIA_TYPE = re.compile(r"[a-z]+/[a-z0-9.+*-]+", re.ASCII)
T = TypeVar("T", bound="DataclassInstance")
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]*)", re.ASCII | re.IGNORECASE)


class _WrongError(Exception):
    """What a setting must be."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting."""

    name: str  # "http.port"
    hint: Any  # its type in settings.py
    default: object

    @property
    def env(self) -> str:
        """The environment variable."""
        return PREFIX + self.name.replace(".", "_").upper()


def load_settings(project: Path, environ: Mapping[str, str], flags: Mapping[str, object]) -> Settings:
    """All settings of a project.

    Args:
        project: The project's folder.
        environ: The environment, with what .env adds to it.
        flags: Values from the command line by name of the setting; None: not given.

    Raises:
        ProjectNotFoundError: There is no such folder.
        SettingsError: Something is unknown or has a wrong value; says where, for all of them.
    """
    return load_with_origins(project, environ, flags)[0]


def load_with_origins(
    project: Path, environ: Mapping[str, str], flags: Mapping[str, object]
) -> tuple[Settings, Mapping[str, str]]:
    """As `load_settings`; and by name of the setting where its value comes from: FILE, a variable or COMMAND_LINE. A
    setting that has its default is left out."""
    if not project.is_dir():
        raise ProjectNotFoundError(f"the project folder {str(project)!r} does not exist or is not a folder")
    project = project.resolve()
    problems: list[str] = []
    written = [*_from_file(project / FILE, problems), *_from_environment(environ, problems)]
    written += [(known()[name], value, COMMAND_LINE) for name, value in flags.items() if value is not None]
    values: dict[str, object] = {}
    origins: dict[str, str] = {}
    for setting, value, where in written:
        origins[setting.name] = where
        try:
            values[setting.name] = read_value(setting, value, project)
        except _WrongError as error:
            problems.append(f"{where}: {setting.name} must be {error}, found {describe(value)}")
    if not problems:
        problems += check_together(values)
    if problems:
        raise SettingsError("\n".join(problems))
    return _changed(Settings(project), values), origins


@cache
def known() -> Mapping[str, Setting]:
    """All settings by name, in the order of settings.py. `project` is none: it is what the settings are for."""
    return {setting.name: setting for setting in _settings(Settings(Path()), "") if setting.name != "project"}


def _settings(values: object, prefix: str) -> Iterator[Setting]:
    hints = get_type_hints(type(values))
    for one in fields(values):  # type: ignore[arg-type]  # always one of the dataclasses of settings.py
        value = getattr(values, one.name)
        if is_dataclass(value):
            yield from _settings(value, f"{prefix}{one.name}.")
        else:
            yield Setting(prefix + one.name, hints[one.name], value)


def _changed(settings: T, values: Mapping[str, object], prefix: str = "") -> T:
    """A dataclass of settings.py with these values by full name."""
    changed: dict[str, object] = {}
    for one in fields(settings):
        name, value = prefix + one.name, getattr(settings, one.name)
        if is_dataclass(value) and not isinstance(value, type):
            changed[one.name] = _changed(value, values, f"{name}.")
        elif name in values:
            changed[one.name] = values[name]
    return replace(settings, **changed)


# --- where values come from


def _from_file(path: Path, problems: list[str]) -> Iterator[tuple[Setting, object, str]]:
    try:
        content = tomllib.loads(path.read_text("utf-8-sig")) if path.exists() else {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        problems.append(f"{FILE} cannot be read: {error}")
        return
    yield from _from_table(content, "", problems)


def _from_table(
    content: Mapping[str, object], prefix: str, problems: list[str]
) -> Iterator[tuple[Setting, object, str]]:
    tables = {name[:end] for name in known() for end, letter in enumerate(name) if letter == "."}
    for key, value in content.items():
        name = prefix + key
        if name in known():
            yield known()[name], value, FILE
        elif name not in tables:
            near = did_you_mean(name, tables if isinstance(value, dict) else known())
            problems.append(f"{FILE}: {name} is not a setting; {near or 'docs/configuration.md has all of them'}")
        elif isinstance(value, dict):
            yield from _from_table(value, f"{name}.", problems)
        else:
            problems.append(f"{FILE}: {name} must be a table, found {describe(value)}; write [{name}]")


def _from_environment(environ: Mapping[str, str], problems: list[str]) -> Iterator[tuple[Setting, object, str]]:
    by_env = {setting.env: setting for setting in known().values()}
    sections = tuple(f"{PREFIX}{name.partition('.')[0].upper()}_" for name in known() if "." in name)
    for name, value in environ.items():
        if not name.startswith(PREFIX) or not value:
            continue
        if name in by_env:
            yield by_env[name], value, name
        elif not OTHERS.fullmatch(name):
            # other names may be the project's own
            near = did_you_mean(name, by_env, nearness=0.85)
            if near or name.startswith(sections):
                problems.append(f"{name} is not a setting; {near or 'docs/configuration.md has all of them'}")


# --- one value


def read_value(setting: Setting, value: object, project: Path) -> object:
    """A value as settings.py wants it; strings are taken for everything, as variables have nothing else.

    Raises:
        _WrongError: It is none; says what it must be.
    """
    kinds = [kind for kind in _alternatives(setting.hint) if kind is not type(None)]
    kind = get_origin(kinds[0]) or kinds[0]
    reader = READERS[kind]
    return reader(setting, value, project)


def _alternatives(hint: Any) -> tuple[Any, ...]:
    return get_args(hint) if get_origin(hint) is UnionType else (hint,)


def _text(setting: Setting, value: object, project: Path) -> str:
    if not isinstance(value, str) or not value:
        raise _WrongError("a string")
    if setting.name == "sidecars.listen" and not re.fullmatch(r".+:\d+", value):
        raise _WrongError("HOST:PORT")
    if setting.name == "otlp.endpoint" and not re.fullmatch(r"https?://[^/\s]+(/\S*)?", value):
        raise _WrongError('an address such as "http://127.0.0.1:4318"')
    return value


def _flag(setting: Setting, value: object, project: Path) -> bool:
    if isinstance(value, str):
        value = FLAGS.get(value.lower())
    if not isinstance(value, bool):
        raise _WrongError("true or false")
    return value


def _number(setting: Setting, value: object, project: Path) -> int:
    low, high = LIMITS.get(setting.name, (0, UNLIMITED))
    what, read = "a whole number", _whole
    if setting.name.endswith("_ms"):
        what, read = 'a duration such as "30s", "5m" or a number of milliseconds', _duration
    elif setting.name.endswith("_bytes"):
        what, read = 'a size such as "10MiB" or a number of bytes', _size
    number = read(value)
    if number is None or not low <= number <= high:
        limits = f" of at least {low}" if high == UNLIMITED else f" from {low} to {high}"
        raise _WrongError(what + limits)
    return number


def _whole(value: object) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    is_number = isinstance(value, str) and re.fullmatch(r"\d{1,16}", value.replace("_", ""), re.ASCII)
    return int(str(value)) if is_number else None


def _duration(value: object) -> int | None:
    ms = read_duration(value) if isinstance(value, str) else None
    return _whole(value) if ms is None else ms


def _size(value: object) -> int | None:
    match = _SIZE.fullmatch(value.strip()) if isinstance(value, str) else None
    unit = SIZES.get(match[2].lower()) if match else None
    return round(float(match[1]) * unit) if match and unit else _whole(value)


def _path(setting: Setting, value: object, project: Path) -> Path:
    if isinstance(value, str) and value:
        value = Path(value)
    if not isinstance(value, Path):
        raise _WrongError("a path")
    path = value.expanduser()
    return path if setting.name in ON_PATH and len(path.parts) == 1 else project / path


def _choice(setting: Setting, value: object, project: Path) -> object:
    choices = get_args(setting.hint)
    if value not in choices:
        near = did_you_mean(str(value), choices)
        raise _WrongError(f"one of {', '.join(choices)}{near and f' ({near})'}")
    return value


def _list(setting: Setting, value: object, project: Path) -> tuple[object, ...]:
    texts = _texts(setting, value, project)
    if get_args(setting.hint)[0] is not Path:
        return texts
    return tuple(project / Path(text).expanduser() for text in texts)


def _texts(setting: Setting, value: object, project: Path) -> tuple[str, ...]:
    of = get_args(setting.hint)[0]
    choices = get_args(of) if get_origin(of) is Literal else ()
    what = f"a list of {', '.join(choices)}" if choices else "a list of strings"
    if isinstance(value, str):
        value = [] if value == "off" else [part.strip() for part in value.split(",") if part.strip()]
    if not isinstance(value, list) or not all(isinstance(text, str) and text for text in value):
        raise _WrongError(f'{what}, or "off"')
    if choices and not set(value) <= set(choices):
        raise _WrongError(f'{what}, or "off"')
    if setting.name == "http.cors.allow_origins" and not all(_ORIGIN.fullmatch(text) for text in value):
        raise _WrongError('a list of origins such as "https://app.example.com" (without a / at the end), "*" or "off"')
    if setting.name == "http.compression.types" and not all(_MEDIA_TYPE.fullmatch(text) for text in value):
        raise _WrongError('a list of content types such as "application/json" or "text/*"')
    return tuple(value)


def _folders(setting: Setting, value: object, project: Path) -> dict[str, Path]:
    what = 'a folder for each path, such as {"/assets" = "public"}; paths begin with / and do not end with it'
    if isinstance(value, str):
        pairs = (part.partition("=") for part in value.split(","))
        value = {path.strip(): folder.strip() for path, _, folder in pairs}
    if not isinstance(value, dict):
        raise _WrongError(what)
    for path, folder in value.items():
        if not re.fullmatch(r"/|(/[\w.~-]+)+", path, re.ASCII) or not isinstance(folder, str) or not folder:
            raise _WrongError(what)
    return {path: project / Path(folder).expanduser() for path, folder in value.items()}


def _counts(setting: Setting, value: object, project: Path) -> dict[str, int]:
    what = "a number of at least 1 for each language group, such as node=2,python=1"
    if isinstance(value, str):
        pairs = (part.partition("=") for part in value.split(","))
        value = {name.strip(): number.strip() for name, _, number in pairs}
    if not isinstance(value, dict):
        raise _WrongError(what)
    counts = {name: _whole(number) for name, number in value.items()}
    if not all(name and count for name, count in counts.items()):
        raise _WrongError(what)
    return {name: count for name, count in counts.items() if count}


def _pairs(setting: Setting, value: object, project: Path) -> dict[str, str]:
    if isinstance(value, str):
        pairs = (part.partition("=") for part in value.split(",") if part.strip())
        value = {name.strip(): text.strip() for name, _, text in pairs}
    if not isinstance(value, dict) or not all(isinstance(text, str) and name and text for name, text in value.items()):
        raise _WrongError("a string for each name, such as name=value,other=value")
    return value


def _by_key(setting: Setting, value: object, project: Path) -> object:
    read: Callable[[Setting, object, Path], object]
    read = {Path: _folders, int: _counts, str: _pairs}[get_args(setting.hint)[1]]
    return read(setting, value, project)


READERS: Mapping[Any, Callable[[Setting, object, Path], object]] = {
    str: _text,
    bool: _flag,
    int: _number,
    Path: _path,
    Literal: _choice,
    tuple: _list,
    dict: _by_key,
}
