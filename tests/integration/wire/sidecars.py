"""The sidecars of the repository, as subjects of wire cases."""

from __future__ import annotations

import asyncio
from pathlib import Path

from motia_core.conformance.wire import STEPS, Subject, prepare
from motia_core.model.language import NODE, PYTHON, Language

LANGUAGES: dict[str, Language] = {"python": PYTHON, "node": NODE}


def subject(group: str, folder: Path) -> Subject:
    """The sidecar of a language group with the wire steps."""
    return asyncio.run(prepare(LANGUAGES[group], STEPS / group, folder))
