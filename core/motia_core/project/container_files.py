"""What makes a project an image: the files that `motia-core docker setup` writes, and the name of the image."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from motia_core import __version__
from motia_core.bundled import containers_folder
from motia_core.project.templates import FOLDER, OccupiedError, package_name

DOCKERFILE = "Dockerfile"
IGNORED = ".dockerignore"  # a project may have its own
SAME_AS_DOCKERFILE = "all-in-one.Containerfile"  # a link
APART = "containers"  # the folder of what runs everything apart
SETTINGS_OF_IMAGE = ("MOTIA_DATA_DIR", "MOTIA_HTTP_HOST", "MOTIA_HTTP_PORT")  # an .env is for the machine, not for it


def container_files(*, apart: bool = False) -> Mapping[str, str]:
    """Text by path, relative to the project.

    Args:
        apart: What runs core and sidecars in containers of their own, instead of the Dockerfile of all of them.
    """
    folder, ours = FOLDER / "docker", containers_folder()
    files = {IGNORED: folder / "dockerignore"}
    if apart:
        found = sorted(path for path in ours.rglob("*") if path.is_file() and path.name != SAME_AS_DOCKERFILE)
        files |= {f"{APART}/{path.relative_to(ours).as_posix()}": path for path in found}
    else:
        files[DOCKERFILE] = folder / "Dockerfile"
    return {name: source.read_text("utf-8") for name, source in files.items()}


def write_container_files(project: Path, *, apart: bool = False, replaces: bool = False) -> list[str]:
    """Write what is missing; the names of what was written. Files that say the same already are left alone.

    Args:
        replaces: Write over files that say something else.

    Raises:
        OccupiedError: There are such files; nothing was written. A .dockerignore may be the project's own.
        OSError: Something cannot be written.
    """
    wanted = {name: _of_project(project, name, text) for name, text in container_files(apart=apart).items()}
    files = {name: text for name, text in wanted.items() if _text(project / name) != text}
    there = [name for name in files if (project / name).exists()]
    if IGNORED in there and not replaces:
        there.remove(IGNORED)
        del files[IGNORED]
    if there and not replaces:
        raise OccupiedError(there)
    for name, text in files.items():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(text, "utf-8")
    return list(files)


def image_name(project: Path) -> str:
    """The name of a project's image, from that of its folder."""
    return package_name(project)


def _of_project(project: Path, name: str, text: str) -> str:
    """Two projects on one host share nothing, and all images of one have the version that wrote their files."""
    if name != f"{APART}/compose.yaml":
        return text
    text = text.replace("name: motia\n", f"name: {image_name(project)}\n", 1)
    return text.replace("${MOTIA:-motia-core}", f"${{MOTIA:-motia-core=={__version__}}}")


def _text(path: Path) -> str | None:
    return path.read_text("utf-8", "replace") if path.is_file() else None
