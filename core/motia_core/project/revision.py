"""A project as it was in an earlier revision: checked out beside the real one, which stays as it is."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# What git does not keep and steps cannot be loaded without: taken from the folder as it is today.
UNTRACKED = ("node_modules", "python_modules", ".venv", "venv", ".env")
GIT_S = 120.0  # for one command


class RevisionError(ValueError):
    """The revision cannot be had; says why."""


@contextmanager
def checked_out(project: Path, revision: str) -> Iterator[Path]:
    """The project's folder as it was in a git revision, until the block ends.

    The whole repository is written to a temporary folder, since steps may import what lies beside the project. The
    index, the branches and the files of the real one are not touched.

    Raises:
        RevisionError: There is no git, no repository, no such revision, or no project in it.
    """
    root = Path(_git(project, "rev-parse", "--show-toplevel"))
    commit = _git(project, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    inside = project.resolve().relative_to(root.resolve())
    with tempfile.TemporaryDirectory(prefix="motia-core-") as scratch:
        tree = Path(scratch).resolve() / "tree"
        tree.mkdir()
        index = {"GIT_INDEX_FILE": str(Path(scratch) / "index")}
        _git(root, "read-tree", commit, **index)
        _git(root, "checkout-index", "--all", f"--prefix={tree}/", **index)
        if not (tree / inside).is_dir():
            raise RevisionError(f"there is no {inside} in {revision}")
        _link_untracked(root, tree, inside)
        yield tree / inside


def _link_untracked(root: Path, tree: Path, inside: Path) -> None:
    for folder in (inside, *inside.parents):
        for name in UNTRACKED:
            real, link = root / folder / name, tree / folder / name
            if real.exists() and not link.exists() and not link.is_symlink():
                link.symlink_to(real)


def _git(folder: Path, *arguments: str, **environment: str) -> str:
    command = ["git", "-C", str(folder), *arguments]
    try:
        done = subprocess.run(
            command, env={**os.environ, **environment}, capture_output=True, timeout=GIT_S, check=False
        )
    except FileNotFoundError:
        raise RevisionError("git is not installed") from None
    except subprocess.TimeoutExpired:
        raise RevisionError(f"git {arguments[0]} takes longer than {GIT_S:g} seconds") from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise RevisionError(said[-1] if said else "git knows no such revision")
    return done.stdout.decode().strip()
