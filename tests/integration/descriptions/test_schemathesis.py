"""schemathesis asks a project in three languages everything that its OpenAPI document allows, and what it forbids.

No answer is a 5xx, none is outside of its schema, headers and content types; what the document forbids is refused, and
what it allows is not; methods that are not in it are a 405 with `Allow`.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.conformance.core import RunningCore

PROGRAM = Path(sys.executable).parent / "schemathesis"
EXAMPLES = 60  # of each operation and phase


def test_no_answer_is_outside_of_the_document(library: RunningCore, tmp_path: Path) -> None:
    document = f"{library.url}/__motia/openapi.json"
    options = ["--checks", "all", "--phases", "examples,coverage,fuzzing", "--max-examples", str(EXAMPLES)]
    command = [PROGRAM, "run", document, *options, "--generation-deterministic", "--no-color", "--warnings", "off"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=50, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Tested: 10" in done.stdout, done.stdout
    wrong = [record for record in library.records if record.get("level") in ("error", "warn")]
    assert wrong == []
