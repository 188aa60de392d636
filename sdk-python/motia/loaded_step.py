"""A loaded step: what the worker needs to run it."""

from __future__ import annotations

from dataclasses import dataclass

from motia.middleware import Link
from motia.parsing import InputParser


@dataclass(frozen=True, slots=True)
class Step:
    """One step of this sidecar."""

    reference: str  # what the core calls it: the path of its file, with `#` and its key where there are several
    flows: tuple[str, ...]
    run: Link | None  # handler with its middlewares; None: the file has no handler
    in_thread: bool  # every function of the chain is sync
    atomic: bool = False  # what it does takes effect with its completion
    parser: InputParser | None = None  # of its input
