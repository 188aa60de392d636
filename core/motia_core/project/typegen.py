"""Writes the types of a project into its folder: for each language that its steps are written in."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from motia_core.model.project import Project
from motia_core.model.python_project import motia_types
from motia_core.model.typescript_project import types_dts

TYPESCRIPT_FILE = "types.d.ts"
PYTHON_FILE = "motia_types.py"


def generated_types(project: Project) -> Mapping[str, str]:
    """The files that the project should have: text by path, relative to its root."""
    files = {}
    groups = {file.group for file in project.files}
    if "node" in groups:
        files[TYPESCRIPT_FILE] = types_dts(project)
    if "python" in groups:
        files[PYTHON_FILE] = motia_types(project)
    return files


def outdated_types(root: Path, project: Project) -> Mapping[str, str]:
    """Those of the generated files that are missing or different in the project's folder: their right text by path."""
    return {path: text for path, text in generated_types(project).items() if _read(root / path) != text}


def write_types(root: Path, project: Project) -> list[str]:
    """Write what is outdated, each file at once or not at all; the paths of what was written.

    Raises:
        OSError: A file cannot be written.
    """
    outdated = outdated_types(root, project)
    for path, text in outdated.items():
        _write(root / path, text)
    return list(outdated)


def refresh_types(root: Path, project: Project) -> list[str]:
    """Write what is outdated of the files that are there, those of Motia 0.x among them; the paths of what was written.
    While a file of the project does not load nothing is touched: its types would be lost.

    Raises:
        OSError: A file cannot be written.
    """
    if any(problem.severity == "error" for problem in project.problems):
        return []
    if not any((root / path).is_file() for path in (TYPESCRIPT_FILE, PYTHON_FILE)):
        return []  # they need not even be made
    outdated = {path: text for path, text in outdated_types(root, project).items() if _is_ours(root / path)}
    for path, text in outdated.items():
        _write(root / path, text)
    return list(outdated)


def _is_ours(file: Path) -> bool:
    """Whether a file is a generated one, and not the user's own of that name."""
    text = _read(file)
    return text is not None and (file.name == PYTHON_FILE or "declare module 'motia'" in text)


def _read(file: Path) -> str | None:
    try:
        return file.read_bytes().decode()
    except (FileNotFoundError, UnicodeDecodeError):
        return None


def _write(file: Path, text: str) -> None:
    target = file.resolve()  # a link stays one
    mode = 0o666 & ~_umask()
    handle, draft = tempfile.mkstemp(prefix=f".{target.name}-", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(text.encode())
        Path(draft).chmod(mode)
        Path(draft).replace(target)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
