"""Keeps what speaks a revision of the protocol, core and SDKs of a commit, for the container tests of later revisions.

    python tools/release_revision.py 1 d3c1558

writes core.zip, python.zip and node.zip into tests/containers/released/revision-1. Needs `make setup`: TypeScript
compiles
the Node SDK of that commit with the packages of this one.
"""

from __future__ import annotations

import io
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PARTS: Mapping[str, str] = {"core": "core/motia_core", "python": "sdk-python/motia", "node": "sdk-node/dist"}
# Big, and of no part in the protocol: the page for trying requests, types, what nothing runs.
NEEDLESS = ("/swagger-ui/", "/static/", ".d.ts", ".map", ".pyi", "/template_files/")
WHEN = (2026, 1, 1, 0, 0, 0)  # of everything in an archive: the same files make the same archive


def main(revision: str, commit: str) -> None:
    """Write the archives."""
    target = ROOT / "tests" / "containers" / "released" / f"revision-{revision}"
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder)
        packed = subprocess.run(["git", "archive", commit], cwd=ROOT, check=True, capture_output=True).stdout
        with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
            archive.extractall(source, filter="data")
        (source / "sdk-node" / "node_modules").symlink_to(ROOT / "sdk-node" / "node_modules")
        subprocess.run(["npm", "run", "--silent", "build"], cwd=source / "sdk-node", check=True)
        for part, path in PARTS.items():
            write(target / f"{part}.zip", source / path)


def write(target: Path, folder: Path) -> None:
    """Pack a folder under its own name."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder.parent).as_posix()
            if path.is_file() and not any(part in name for part in NEEDLESS):
                archive.writestr(zipfile.ZipInfo(name, WHEN), path.read_bytes(), zipfile.ZIP_DEFLATED)


if __name__ == "__main__":
    main(*sys.argv[1:])
