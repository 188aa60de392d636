"""Whether the files here are those of the core."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from motia._gen.motia.v1 import failure_pb2, manifest_pb2
from motia.errors import FilesDifferError


def digest(root: Path, paths: Iterable[str]) -> str:
    """Identifies files by their paths and what is in them, as the core does (docs/protocol.md, REMOTE-6)."""
    summary = hashlib.sha256()
    for path in paths:
        try:
            content = (root / path).read_bytes()
        except OSError:
            content = b""
        name = path.encode()
        summary.update(b"%d:%d:%s" % (len(name), len(content), name))
        summary.update(content)
    return summary.hexdigest()


def check(load: manifest_pb2.Load, root: Path) -> None:
    """Refuse a load whose files are not those below `root`.

    Raises:
        FilesDifferError: They are others.
    """
    paths = [file.path for file in load.files]
    if load.config_file:
        paths.append(load.config_file)
    found = digest(root, paths)
    if found != load.digest:
        missing = [path for path in paths if not (root / path).is_file()]
        there = f"; {missing[0]} is not there" if missing else ""
        raise refusal(f"the files in {root} have the digest {found}, those of the core {load.digest}{there}")


def refusal(what: str) -> FilesDifferError:
    """This sidecar cannot run what the core serves."""
    return FilesDifferError(
        failure_pb2.PROTOCOL_ERROR_CODE_DIGEST, f"{what}: deploy the same version of the project to both"
    )
