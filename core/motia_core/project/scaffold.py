"""New step and stream files of a project, from the patterns in template_files/."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from motia_core.project.discover import ROOTS, discover
from motia_core.project.templates import FOLDER

SUFFIXES = {"typescript": "ts", "javascript": "js", "python": "py"}
FIRST_LANGUAGE = "typescript"
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+|[A-Z]+")
_UNQUOTED = re.compile(r"[^'\"\\\n]+")


@dataclass(frozen=True, slots=True)
class Name:
    """The name of a new step or stream, as each place writes it."""

    words: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> Name:
        """From words in any style: SendMail, send-mail, send mail.

        Raises:
            ValueError: There is no word in it.
        """
        words = tuple(word.lower() for word in _WORD.findall(text))
        if not words or words[0][0].isdigit():
            raise ValueError("a name begins with a letter, such as SendMail or send-mail")
        return cls(words)

    @property
    def pascal(self) -> str:
        return "".join(word.capitalize() for word in self.words)

    @property
    def camel(self) -> str:
        return self.pascal[0].lower() + self.pascal[1:]

    def file(self, kind: str, language: str) -> str:
        """The name of its file."""
        suffix = SUFFIXES[language]
        if language == "python":
            return f"{'_'.join(self.words)}_{kind}.{suffix}"
        return f"{'-'.join(self.words)}.{kind}.{suffix}"


def usual_language(project: Path) -> str:
    """The language that most of the project's steps are written in."""
    counts = Counter(file.language for file in discover(project).files if file.language in SUFFIXES)
    return counts.most_common(1)[0][0] if counts else FIRST_LANGUAGE


def usual_folder(project: Path) -> str:
    """Where the project's steps are."""
    return next((name for name in ROOTS if (project / name).is_dir()), ROOTS[0])


def step_text(name: Name, kind: str, language: str, values: Mapping[str, str]) -> str:
    """The text of a new step file.

    Args:
        values: METHOD, path, topic and cron, as far as the type has them, and flow.

    Raises:
        ValueError: A value cannot stand in a string.
    """
    for what, value in values.items():
        if not _UNQUOTED.fullmatch(value):
            raise ValueError(f"{what} must be text without quotes, found {value!r}")
    return _filled(FOLDER / "step" / f"{kind}.{SUFFIXES[language]}", {"Name": name.pascal, **values})


def stream_text(name: Name, language: str) -> str:
    """The text of a new stream file."""
    return _filled(FOLDER / "stream" / f"stream.{SUFFIXES[language]}", {"name": name.camel})


def _filled(pattern: Path, values: Mapping[str, str]) -> str:
    text = pattern.read_text("utf-8")
    for name, value in values.items():
        text = text.replace("{{" + name + "}}", value)
    return text
