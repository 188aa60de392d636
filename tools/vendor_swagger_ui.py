"""Brings Swagger UI, which shows `/__motia/docs`, into the repository: `python tools/vendor_swagger_ui.py [VERSION]`.

It is kept here, compressed, so that installing the core needs no Node and showing the page no network.
"""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

TARGET = Path(__file__).resolve().parents[1] / "core" / "motia_core" / "workbench" / "docs_page" / "swagger-ui"
PACKAGE = "swagger-ui-dist"
COMPRESSED = ("swagger-ui-bundle.js", "swagger-ui.css")
AS_THEY_ARE = ("LICENSE", "NOTICE", "swagger-ui-bundle.js.LICENSE.txt")


def main(version: str) -> None:
    """Replace what is there by this version; npm compares its checksum."""
    with tempfile.TemporaryDirectory() as scratch:
        command = ["npm", "pack", f"{PACKAGE}@{version}", "--json", "--pack-destination", scratch]
        packed = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)[0]
        TARGET.mkdir(parents=True, exist_ok=True)
        with tarfile.open(Path(scratch) / packed["filename"]) as archive:
            for name in (*COMPRESSED, *AS_THEY_ARE):
                member = archive.extractfile(f"package/{name}")
                assert member is not None, name
                _write(name, member.read())
    (TARGET / "VERSION").write_text(f"{packed['version']}\n")
    print(f"{PACKAGE} {packed['version']} is in {TARGET}")


def _write(name: str, content: bytes) -> None:
    if name in COMPRESSED:
        # no name and no time in it: the same version gives the same bytes
        (TARGET / f"{name}.gz").write_bytes(gzip.compress(content, 9, mtime=0))
    else:
        (TARGET / name).write_bytes(content)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "latest")
