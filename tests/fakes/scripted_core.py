"""The scripted core of the conformance kit, against the sidecars of the repository."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from motia_core.conformance.wire.frames import DIGEST, TOKEN, Limits, core_frame, event, json_request, welcome
from motia_core.conformance.wire.process import Command
from motia_core.conformance.wire.scripted import ScriptedCore as WireCore

__all__ = ["DIGEST", "SDK", "TOKEN", "Limits", "ScriptedCore", "core_frame", "event", "json_request", "welcome"]

SDK = Path(__file__).resolve().parents[2] / "sdk-python"
ENVIRONMENT = {"PYTHONPATH": str(SDK), "PYTHONDONTWRITEBYTECODE": "1"}


class ScriptedCore(WireCore):
    """Plays against the Python SDK unless a command is given."""

    def __init__(
        self,
        root: Path,
        command: tuple[str, ...] = (sys.executable, "-m", "motia"),
        language: str = "python",
        **script: Any,
    ) -> None:
        super().__init__(root, Command(command, language, ENVIRONMENT), **script)
