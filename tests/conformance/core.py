"""What starts `motia-core serve` for tests of many kinds: the conformance kit's own."""

from __future__ import annotations

import sys
from pathlib import Path

from motia_core.conformance.running import RunningCore, running_core

__all__ = ["COMMAND", "RunningCore", "running_core"]

COMMAND = Path(sys.executable).parent / "motia-core"
