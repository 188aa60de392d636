"""The wire cases as results of the kit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from motia_core.conformance.report import Result
from motia_core.conformance.subject import Subject


def names() -> list[str]:
    """The names of all wire cases."""
    return []


def results(subject: Subject, has: Callable[[str], bool], folder: Path) -> Iterator[Result]:
    """Play those that are wanted."""
    yield from ()
