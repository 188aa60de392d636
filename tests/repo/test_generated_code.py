"""The committed protobuf code is what tools/gen_proto.py makes of proto/."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.repo.repository import GENERATED, ROOT

NEEDED = {
    ROOT / ".tools" / "protoc" / "bin" / "python": "make .tools/protoc/.done",
    ROOT / "sdk-node" / "node_modules" / ".bin" / "protoc-gen-ts_proto": "make setup",
}
MISSING = [f"{path.relative_to(ROOT)} (run: {remedy})" for path, remedy in NEEDED.items() if not path.exists()]


def contents(root: Path) -> dict[str, str]:
    """Generated files below a root, by name."""
    found = {}
    for folder in GENERATED:
        for path in (root / folder).rglob("*"):
            if path.suffix in (".py", ".pyi", ".ts", ".go", ".rb"):
                found[path.relative_to(root).as_posix()] = path.read_text()
    return found


@pytest.mark.skipif(bool(MISSING), reason=f"GENERATED CODE NOT CHECKED, missing: {', '.join(MISSING)}")
def test_generated_code_is_fresh(tmp_path: Path) -> None:
    command = [sys.executable, str(ROOT / "tools" / "gen_proto.py"), "--out", str(tmp_path)]
    subprocess.run(command, check=True, capture_output=True, timeout=50)
    made, committed = contents(tmp_path), contents(ROOT)
    assert made
    assert sorted(made.keys() ^ committed.keys()) == []
    assert [name for name in sorted(made) if made[name] != committed[name]] == [], "run: make gen"
