"""What a project says about itself as a whole: package.json, or pyproject.toml where there is none."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path

from motia_core.model.description.info import Info

FIRST_VERSION = "1.0.0"


def project_info(project: Path) -> Info:
    """Name, version and description; what is missing or cannot be read is made up from the folder's name."""
    facts = _read(project / "package.json", json.loads) or _section(_read(project / "pyproject.toml", tomllib.loads))
    name, version, description = (_text(facts.get(key)) for key in ("name", "version", "description"))
    return Info(name or project.name or "API", version or FIRST_VERSION, description)


def _read(path: Path, parse: Callable[[str], object]) -> Mapping[str, object]:
    try:
        found = parse(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):  # nobody must lose a description over it
        return {}
    return found if isinstance(found, Mapping) else {}


def _section(pyproject: Mapping[str, object]) -> Mapping[str, object]:
    found = pyproject.get("project")
    return found if isinstance(found, Mapping) else {}


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""
