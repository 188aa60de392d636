"""What new projects start from: the folders in template_files/, which the wheel has too."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "template_files"
SHARED = "shared"  # the folder of what all of them have
PYTEST = "pytest"  # of those whose tests are in Python
# Names that would have a meaning in our own repository.
RENAMED = {"gitignore": ".gitignore", "env.example": ".env.example"}
KEPT = frozenset({"README.md", ".gitignore", ".env.example"})  # a folder may have its own of these
NAME = "{{name}}"


@dataclass(frozen=True, slots=True)
class Template:
    """A project to start from."""

    name: str
    description: str
    installs: str  # what `motia-core install` would get; empty: nothing
    names_before: tuple[str, ...] = ()  # in Motia 0.x
    tests: str = ""  # the folder of its tests, which others have as well; empty: they are in its own

    def files(self, project_name: str) -> Mapping[str, str]:
        """Text by path, relative to the new project."""
        found: dict[str, str] = {}
        for folder in (FOLDER / name for name in (SHARED, self.tests, self.name) if name):
            for path in sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"):
                name = path.relative_to(folder).as_posix()
                found[RENAMED.get(name, name)] = path.read_text("utf-8").replace(NAME, project_name)
        return found


TEMPLATES: Mapping[str, Template] = {
    template.name: template
    for template in (
        Template("typescript", "steps in TypeScript", "zod", ("starter-typescript", "motia-tutorial-typescript")),
        Template("javascript", "steps in JavaScript", "", ("starter-javascript",)),
        Template("python", "steps in Python", "pydantic", ("starter-python", "motia-tutorial-python"), PYTEST),
        Template(
            "polyglot", "steps in TypeScript, Python and JavaScript", "zod and pydantic", ("starter-multilang",), PYTEST
        ),
        Template("go", "steps in Go, which must be installed", "", tests=PYTEST),
        Template("ruby", "steps in Ruby, which must be installed with grpc", "", tests=PYTEST),
    )
}


class OccupiedError(ValueError):
    """The folder has files that the template would replace; nothing was written."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(", ".join(names))
        self.names = names


def template_named(name: str) -> Template | None:
    """The template of that name, which may be the one that Motia 0.x had for it."""
    before = {old: template for template in TEMPLATES.values() for old in template.names_before}
    return TEMPLATES.get(name) or before.get(name)


def package_name(folder: Path) -> str:
    """A name for package.json that npm takes, from that of the folder."""
    plain = re.sub(r"[^a-z0-9._-]+", "-", folder.name.lower()).strip("-._")
    return plain or "motia-app"


def write_project(folder: Path, template: Template) -> list[str]:
    """Write a new project; the paths of what was written. A README and the like that are there already stay.

    Raises:
        OccupiedError: Other files of the template are there already.
        OSError: Something cannot be written.
    """
    files = {
        name: text
        for name, text in template.files(package_name(folder)).items()
        if not (name in KEPT and _exists(folder / name))
    }
    if there := [name for name in files if _exists(folder / name)]:
        raise OccupiedError(there)
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    return list(files)


def _exists(path: Path) -> bool:
    return path.exists() or path.is_symlink()
