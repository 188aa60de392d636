"""New step and stream files, from patterns: ours are in template_files/new/, an SDK brings its own."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from motia_core.model.language import Languages
from motia_core.project.discover import ROOTS, discover
from motia_core.project.templates import FOLDER

OURS = FOLDER / "new"
ENDING = ".tmpl"
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


@dataclass(frozen=True, slots=True)
class Pattern:
    """What a new file of one kind is made from."""

    path: Path
    kind: str  # "api", "event", "cron", "noop"; "stream"
    mark: str  # that of the new names, which joins their words: send-mail.step.ts, send_mail_step.py
    ending: str  # "step.py"
    language: str

    def file(self, name: Name) -> str:
        """How the file of that name is called."""
        between = "_" if self.mark == "_" else "-"
        return f"{between.join(name.words)}{self.mark}{self.ending}"

    def text(self, name: Name, folder: Path, values: Mapping[str, str]) -> str:
        """The text of a new file.

        Args:
            folder: Where it will be; the package of languages that have such a thing.
            values: METHOD, path, topic, cron and flow, as far as the kind has them.

        Raises:
            ValueError: A value cannot stand in a string.
            OSError: The pattern cannot be read.
        """
        for what, value in values.items():
            if not _UNQUOTED.fullmatch(value):
                raise ValueError(f"{what} must be text without quotes, found {value!r}")
        text = self.path.read_text("utf-8")
        package = re.sub(r"\W", "", folder.name.lower()).lstrip("0123456789") or "steps"
        for what, value in {"Name": name.pascal, "name": name.camel, "package": package, **values}.items():
            text = text.replace("{{" + what + "}}", value)
        return text


def read_patterns(languages: Languages) -> list[Pattern]:
    """All patterns that there are, language by language."""
    folders = [OURS, *(language.patterns for language in languages if language.patterns)]
    found = []
    for path in (path for folder in folders for path in sorted(folder.glob(f"*{ENDING}"))):
        name = path.name.removesuffix(ENDING)
        if match := languages.pattern.fullmatch(name):
            mark, ending = match["mark"], f"{match['kind']}.{match['suffix']}"
            kind = "stream" if match["kind"] == "stream" else name.removesuffix(mark + ending)
            language, _ = languages.of_suffix(match["suffix"])
            found.append(Pattern(path, kind, mark, ending, language))
    order = [name for language in languages for name in language.suffixes.values()]
    return sorted(found, key=lambda pattern: order.index(pattern.language))


def usual_language(project: Path, languages: Languages, patterns: Collection[Pattern]) -> str:
    """The language that most of the project's steps are written in, of those that there are patterns for."""
    written = {pattern.language for pattern in patterns}
    counts = Counter(file.language for file in discover(project, languages).files if file.language in written)
    return counts.most_common(1)[0][0] if counts else FIRST_LANGUAGE


def usual_folder(project: Path) -> str:
    """Where the project's steps are."""
    return next((name for name in ROOTS if (project / name).is_dir()), ROOTS[0])
