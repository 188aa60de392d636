"""Settings under which an SDK's sidecars are started with `cutting.py` between them and the core."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from motia_core.conformance.subject import Subject
from motia_core.model.language import Start
from motia_core.project.sdk_file import FILE

CUTTING = Path(__file__).with_name("cutting.py")
CUTTER = (sys.executable, "-I", str(CUTTING))


def cut_settings(subject: Subject, folder: Path) -> dict[str, str]:
    """Environment variables for the core.

    Args:
        folder: Where the files are kept that this needs.
    """
    folder.mkdir()
    start = subject.language.start
    if start is not None:
        (folder / FILE).write_text(_sdk_file(subject, start))
        return {"MOTIA_SIDECARS_SDKS": str(folder)}
    program = sys.executable if subject.group == "python" else shutil.which("node") or "node"
    script = folder / subject.group
    words = " ".join(f"'{word}'" for word in (*CUTTER, program))
    script.write_text(f'#!/bin/sh\nexec {words} "$@"\n')
    script.chmod(0o755)
    return {f"MOTIA_SIDECARS_{subject.group.upper()}": str(script)}


def _sdk_file(subject: Subject, start: Start) -> str:
    """What the SDK says about its language, with another command."""
    language = subject.language

    def here(parts: Sequence[str]) -> str:
        return json.dumps([part.replace("{sdk}", str(start.sdk)) for part in parts])

    def table(pairs: object) -> str:
        assert isinstance(pairs, dict)
        return "{ " + ", ".join(f"{json.dumps(key)} = {json.dumps(value)}" for key, value in pairs.items()) + " }"

    environment = {name: value.replace("{sdk}", str(start.sdk)) for name, value in start.environment.items()}
    lines = [
        f"group = {json.dumps(language.group)}",
        f"name = {json.dumps(language.name)}",
        f"suffixes = {table(dict(language.suffixes))}",
        f"sources = {json.dumps(sorted(language.sources))}",
        f"command = {here([*CUTTER, *start.command])}",
        f"environment = {table(environment)}",
    ]
    lines += [f"also = {json.dumps(sorted(language.also))}"] if language.also else []
    if start.build:
        lines += ["[build]", f"command = {here(start.build)}", f"timeout_s = {start.build_timeout_s}"]
    return "\n".join(lines) + "\n"
