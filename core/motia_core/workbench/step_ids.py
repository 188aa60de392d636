"""The ids that 0.x gave to steps: made of where their files are."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID, uuid5

from motia_core.model.step import Step

NAMESPACE = UUID("7f1c3ff2-9b00-4d0a-bdd7-efb8bca49d4f")  # contract 10.3


def step_uuid(root: Path, step: Step) -> str:
    """The id of a step.

    Args:
        root: The project's folder, absolute.
    """
    return str(uuid5(NAMESPACE, str(root / step.reference)))
