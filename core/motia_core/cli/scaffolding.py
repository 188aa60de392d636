"""`motia-core generate step` and `motia-core generate stream`: new files that work as they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from motia_core.cli.failing import CommandError, WrongUseError
from motia_core.cli.options import settings_of
from motia_core.cli.prompting import choose, is_conversation
from motia_core.model.wording import did_you_mean

if TYPE_CHECKING:
    from motia_core.project.scaffold import Name, Pattern

Command = TypeVar("Command", bound=Callable[..., Any])
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
MEANINGS = {
    "api": "started by HTTP requests",
    "event": "started by events",
    "cron": "started by a schedule",
    "noop": "something outside, in the picture of the flow",
}
FIRST_TYPE = "api"


def _place(command: Command) -> Command:
    """Options of both commands."""
    project = click.Path(path_type=Path, file_okay=False)
    command = click.option("--project", type=project, default=".", help="Folder of the project.  [default: .]")(command)
    command = click.option("-d", "--dir", "folder", help="Folder in it.  [default: steps, or src]")(command)
    return click.option("-l", "--language", help="Such as python.  [default: the usual one]")(command)


@click.command()
@click.argument("name", required=False)
@click.option("-t", "--type", "kind", type=click.Choice(list(MEANINGS)), help="What starts it.  [default: api]")
@_place
@click.option("--method", type=click.Choice(METHODS, case_sensitive=False), default="GET", help="Of an api step.")
@click.option("--path", "route", help="Route of an api step.  [default: /its-name]")
@click.option("--topic", help="Topic of an event step.  [default: its.name]")
@click.option("--cron", "schedule", default="0 * * * *", show_default=True, help="Schedule of a cron step.")
@click.option("--flow", help="Flow that it is shown in.  [default: default]")
def step(
    name: str | None,
    kind: str | None,
    language: str | None,
    folder: str | None,
    project: Path,
    method: str,
    route: str | None,
    topic: str | None,
    schedule: str,
    flow: str | None,
) -> None:
    """Write a new step. Asks for what is missing on a terminal."""
    new = _New(project, folder)
    asks = is_conversation() and name is None
    words = _words(_name(name, asks=asks))
    if asks:
        kind = kind or choose("Type", MEANINGS, FIRST_TYPE)
        language = language or choose("Language", dict.fromkeys(new.patterns(kind), ""), new.usual_language)
    if route is not None and not route.startswith("/"):
        raise WrongUseError(f"a route begins with /, found {route!r}", f"--path /{route}")
    values = {
        "METHOD": method.upper(),
        "path": route or f"/{'-'.join(words.words)}",
        "topic": topic or ".".join(words.words),
        "cron": schedule,
        "flow": flow or "default",
    }
    new.write(words, kind or FIRST_TYPE, language, values)


@click.command()
@click.argument("name", required=False)
@_place
def stream(name: str | None, language: str | None, folder: str | None, project: Path) -> None:
    """Write a new stream. Asks for what is missing on a terminal."""
    new = _New(project, folder)
    new.write(_words(_name(name, asks=is_conversation() and name is None)), "stream", language, {})


class _New:
    """Where a new file is written, and what from."""

    def __init__(self, project: Path, folder: str | None) -> None:
        from motia_core.project.scaffold import read_patterns, usual_folder
        from motia_core.project.sdk_file import read_languages

        settings = settings_of(project)
        self._root = settings.project
        self._inside = _checked(Path(folder or usual_folder(self._root)))
        self._known = read_languages(settings)
        self._patterns = read_patterns(self._known)

    def patterns(self, kind: str) -> dict[str, Pattern]:
        """By language."""
        return {pattern.language: pattern for pattern in self._patterns if pattern.kind == kind}

    @property
    def usual_language(self) -> str:
        from motia_core.project.scaffold import usual_language

        return usual_language(self._root, self._known, self._patterns)

    def write(self, words: Name, kind: str, language: str | None, values: Mapping[str, str]) -> None:
        language = language or self.usual_language
        patterns = self.patterns(kind)
        if language not in patterns:
            near = did_you_mean(language, patterns)
            raise WrongUseError(
                f"there is no pattern for a new {kind if kind == 'stream' else kind + ' step'} in {language!r}",
                near or f"--language is one of {', '.join(patterns)}",
            )
        pattern = patterns[language]
        try:
            text = pattern.text(words, self._inside, values)
        except ValueError as error:
            raise WrongUseError(str(error)) from error
        except OSError as error:
            raise CommandError(f"cannot read {pattern.path}: {error.strerror}") from error
        _write(self._root, self._inside / pattern.file(words), text)


def _name(name: str | None, *, asks: bool) -> str:
    if name is None and not asks:
        raise WrongUseError("no name was given", "motia-core generate step SendMail --type event")
    return name or str(click.prompt("Name"))


def _words(name: str) -> Name:
    from motia_core.project.scaffold import Name

    try:
        return Name.of(name)
    except ValueError as error:
        raise WrongUseError(f"{name!r} cannot be a name: {error}") from error


def _checked(inside: Path) -> Path:
    from motia_core.project.discover import ROOTS, STREAMS_ROOT

    roots = [root for root in ROOTS if root != STREAMS_ROOT]
    if inside.is_absolute() or ".." in inside.parts or inside.parts[:1] not in [(base,) for base in roots]:
        raise WrongUseError(f"steps are looked for in {' and '.join(roots)} only, not in {str(inside)!r}")
    return inside


def _write(root: Path, name: Path, text: str) -> None:
    path = root / name
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise CommandError(f"{name} is there already", "choose another name") from error
    except OSError as error:
        raise CommandError(f"cannot write {error.filename or path}: {error.strerror}") from error
    click.echo(f"{name}: written")
