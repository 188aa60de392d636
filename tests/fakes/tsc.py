"""The TypeScript compiler of the Node SDK's workshop, on texts."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

SDK = Path(__file__).resolve().parents[2] / "sdk-node"
TSC = SDK / "node_modules" / ".bin" / "tsc"


def compile_errors(folder: Path, files: Mapping[str, str], **options: object) -> list[str]:
    """What `tsc --strict` says of these files; each message names file and line.

    Args:
        folder: An empty folder; what is in its `node_modules` can be imported.
        files: Texts by path.
        options: More compiler options.
    """
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    compiler = {
        "strict": True,
        "noEmit": True,
        "module": "ESNext",
        "moduleResolution": "Bundler",
        "target": "ES2022",
        "skipLibCheck": False,
        "typeRoots": [str(SDK / "node_modules" / "@types")],
        "types": ["node"],
        **options,
    }
    config = {"compilerOptions": compiler, "include": ["**/*.ts", "**/*.tsx", "**/*.d.ts"]}
    (folder / "tsconfig.json").write_text(json.dumps(config))
    done = subprocess.run(
        [TSC, "-p", folder, "--pretty", "false"], capture_output=True, text=True, timeout=50, check=False
    )
    lines = [line for line in done.stdout.splitlines() if line and not line.startswith(" ")]
    assert done.returncode == 0 or lines, done.stderr
    return lines
