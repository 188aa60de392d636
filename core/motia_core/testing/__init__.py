"""The test kit: run a project in a test, let time pass, look at what happens. docs/guides/testing.md shows how.

Names are imported when they are used: pytest imports this package in every run, for its plugin.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from motia_core.testing.data import State, Stream, StreamClient
    from motia_core.testing.errors import RigError, StillBusyError, UnexpectedFailureError
    from motia_core.testing.motia import Clock, Motia
    from motia_core.testing.results import Attempt, Called, Change, Error, Event, Letter, Response, Run
    from motia_core.testing.starting import start_motia
    from motia_core.testing.steps import GivenStep, step

_MODULES = {
    "RigError": "motia_core.testing.errors",
    "StillBusyError": "motia_core.testing.errors",
    "UnexpectedFailureError": "motia_core.testing.errors",
    "State": "motia_core.testing.data",
    "Stream": "motia_core.testing.data",
    "StreamClient": "motia_core.testing.data",
    "Clock": "motia_core.testing.motia",
    "Motia": "motia_core.testing.motia",
    "Attempt": "motia_core.testing.results",
    "Called": "motia_core.testing.results",
    "Change": "motia_core.testing.results",
    "Error": "motia_core.testing.results",
    "Event": "motia_core.testing.results",
    "Letter": "motia_core.testing.results",
    "Response": "motia_core.testing.results",
    "Run": "motia_core.testing.results",
    "start_motia": "motia_core.testing.starting",
    "GivenStep": "motia_core.testing.steps",
    "step": "motia_core.testing.steps",
}

__all__ = [
    "Attempt",
    "Called",
    "Change",
    "Clock",
    "Error",
    "Event",
    "GivenStep",
    "Letter",
    "Motia",
    "Response",
    "RigError",
    "Run",
    "State",
    "StillBusyError",
    "Stream",
    "StreamClient",
    "UnexpectedFailureError",
    "start_motia",
    "step",
]


def __getattr__(name: str) -> object:
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(f"module 'motia_core.testing' has no attribute {name!r}")
    return getattr(import_module(module), name)
