"""What makes a project an image: the files that `motia-core docker setup` writes, and the name of the image."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from motia_core.project.templates import FOLDER, OccupiedError, package_name

DOCKERFILE = "Dockerfile"
IGNORED = ".dockerignore"  # a project may have its own
SETTINGS_OF_IMAGE = ("MOTIA_DATA_DIR", "MOTIA_HTTP_HOST", "MOTIA_HTTP_PORT")  # an .env is for the machine, not for it


def container_files() -> Mapping[str, str]:
    """Text by the name of the file in the project's folder."""
    folder = FOLDER / "docker"
    names = {DOCKERFILE: "Dockerfile", IGNORED: "dockerignore"}
    return {name: (folder / source).read_text("utf-8") for name, source in names.items()}


def write_container_files(project: Path, *, replaces: bool = False) -> list[str]:
    """Write what is missing; the names of what was written. Files that say the same already are left alone.

    Args:
        replaces: Write over a Dockerfile that is another one.

    Raises:
        OccupiedError: There is another Dockerfile; nothing was written.
        OSError: Something cannot be written.
    """
    files = {name: text for name, text in container_files().items() if _text(project / name) != text}
    if IGNORED in files and (project / IGNORED).exists() and not replaces:
        del files[IGNORED]
    if DOCKERFILE in files and (project / DOCKERFILE).exists() and not replaces:
        raise OccupiedError([DOCKERFILE])
    for name, text in files.items():
        (project / name).write_text(text, "utf-8")
    return list(files)


def image_name(project: Path) -> str:
    """The name of a project's image, from that of its folder."""
    return package_name(project)


def _text(path: Path) -> str | None:
    return path.read_text("utf-8", "replace") if path.is_file() else None
