"""Reads sdk.toml, in which an SDK tells the core about its language: docs/writing-an-sdk.md describes it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TypeVar

from motia_core.bundled import sdk_folder
from motia_core.errors import SettingsError
from motia_core.model.language import NODE, PYTHON, Language, Languages, Start
from motia_core.model.wording import describe, did_you_mean
from motia_core.settings import ALL, Settings

FILE = "sdk.toml"
BUNDLED = ("go", "ruby")
KEYS = (
    "group",
    "name",
    "suffixes",
    "sources",
    "also",
    "command",
    "environment",
    "remedy",
    "patterns",
    "build",
    "conformance",
)
BUILD_KEYS = ("command", "timeout_s")
NAME = re.compile(r"[a-z][a-z0-9-]*", re.ASCII)
SUFFIX = re.compile(r"[A-Za-z0-9]+", re.ASCII)
T = TypeVar("T")


def read_languages(settings: Settings) -> Languages:
    """The languages that steps may be written in.

    Raises:
        SettingsError: An SDK cannot be read, or two want the same files; or a setting names a group that nobody knows.
    """
    languages = {language.group: language for language in (NODE, PYTHON)}
    folders = [*map(sdk_folder, BUNDLED), *settings.sidecars.sdks]
    for folder in folders:
        if folder in settings.sidecars.sdks or (folder / FILE).exists():
            language = read_sdk(folder)
            languages.pop(language.group, None)  # one's own comes before ours
            languages[language.group] = language
    _check_suffixes(languages.values())
    _check_groups("sidecars.processes", settings.sidecars.processes, languages)
    _check_groups("sidecars.external", set(settings.sidecars.external) - {ALL}, languages)
    return Languages(list(languages.values()))


def _check_groups(setting: str, groups: Iterable[str], languages: Mapping[str, Language]) -> None:
    if unknown := set(groups) - languages.keys():
        near = did_you_mean(min(unknown), languages)
        raise SettingsError(
            f"{setting}: there is no language group {min(unknown)!r}; there are {', '.join(languages)}"
            + (f" ({near})" if near else "")
        )


def read_sdk(folder: Path) -> Language:
    """The language that the SDK in a folder is for.

    Raises:
        SettingsError: There is no usable sdk.toml.
    """
    path = folder / FILE
    try:
        content = tomllib.loads(path.read_text("utf-8-sig"))
    except FileNotFoundError:
        raise SettingsError(f"{path} is not there: an SDK describes its language in it") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {error}") from error
    return _Reader(path, content).language()


def _check_suffixes(languages: Iterable[Language]) -> None:
    owners: dict[str, str] = {}
    for language in languages:
        for suffix in language.suffixes:
            if (other := owners.setdefault(suffix, language.group)) != language.group:
                raise SettingsError(f"the language groups {other} and {language.group} both want *.step.{suffix} files")


class _Reader:
    def __init__(self, path: Path, content: Mapping[str, object]) -> None:
        self._path = path
        self._content = content

    def language(self) -> Language:
        self._only(self._content, KEYS, "")
        build = self._content.get("build", {})
        if not isinstance(build, dict):
            raise self._wrong("build", "a table with a command", build)
        self._only(build, BUILD_KEYS, "build.")
        nothing: tuple[str, ...] = ()
        start = Start(
            self._path.parent.resolve(),
            self._get(self._content, "command", _texts, "a list of strings, the program first"),
            self._get(self._content, "environment", _pairs, "a table of strings", {}),
            self._get(build, "command", _texts, "a list of strings, the program first", nothing),
            self._get(build, "timeout_s", _seconds, "a number of seconds", 300.0),
        )
        group = self._get(self._content, "group", _named, "a word of small letters, such as go")
        suffixes = self._get(
            self._content, "suffixes", _suffixes, 'a language for each suffix without a dot, such as { rb = "ruby" }'
        )
        endings = tuple(f".{suffix}" for suffix in suffixes)
        return Language(
            group,
            self._get(self._content, "name", _text, "a string", group),
            suffixes,
            frozenset(self._get(self._content, "sources", _endings, 'a list of endings, such as [".go"]', endings)),
            frozenset(self._get(self._content, "also", _texts, "a list of files", nothing)),
            self._get(self._content, "remedy", _text, "a string", ""),
            start,
            self._folder("patterns"),
        )

    def _folder(self, key: str) -> Path | None:
        if key not in self._content:
            return None
        folder = self._path.parent / self._get(self._content, key, _text, "the name of a folder")
        if not folder.is_dir():
            raise SettingsError(f"{self._path}: {key}: {folder} is no folder")
        return folder.resolve()

    def _only(self, table: Mapping[str, object], keys: tuple[str, ...], prefix: str) -> None:
        for key in table:
            if key not in keys:
                near = did_you_mean(key, keys) or f"there are {', '.join(keys)}"
                raise SettingsError(f"{self._path}: {prefix}{key} is not known; {near}")

    def _get(
        self,
        table: Mapping[str, object],
        key: str,
        read: Callable[[object], T | None],
        what: str,
        default: T | None = None,
    ) -> T:
        value = table.get(key)
        found = default if value is None else read(value)
        if found is None:
            raise self._wrong(key, what, value)
        return found

    def _wrong(self, key: str, what: str, value: object) -> SettingsError:
        found = "it is not there" if value is None else f"found {describe(value)}"
        return SettingsError(f"{self._path}: {key} must be {what}; {found}")


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _named(value: object) -> str | None:
    return value if isinstance(value, str) and NAME.fullmatch(value) else None


def _texts(value: object) -> tuple[str, ...] | None:
    are_texts = isinstance(value, list) and value and all(isinstance(text, str) for text in value)
    return tuple(value) if are_texts and isinstance(value, list) else None


def _endings(value: object) -> tuple[str, ...] | None:
    texts = _texts(value)
    return texts if texts and all(text.startswith(".") for text in texts) else None


def _pairs(value: object) -> Mapping[str, str] | None:
    return value if isinstance(value, dict) and all(isinstance(text, str) for text in value.values()) else None


def _suffixes(value: object) -> Mapping[str, str] | None:
    pairs = _pairs(value)
    if not pairs or not all(SUFFIX.fullmatch(suffix) and language for suffix, language in pairs.items()):
        return None
    return pairs


def _seconds(value: object) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and isinstance(value, int | float) and value > 0 else None
