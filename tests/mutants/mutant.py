"""What a mutant is: a sidecar that breaks one rule, and the wire cases in which that must be seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from tests.mutants.sidecar import Sidecar

Kind = TypeVar("Kind", bound=type[Sidecar])


@dataclass(frozen=True)
class Mutant:
    """One broken sidecar."""

    rule: str  # that it breaks, and that the kit must name
    case: str  # the wire case in which it is seen
    kind: type[Sidecar]

    @property
    def name(self) -> str:
        """The name of its class."""
        return self.kind.__name__


MUTANTS: dict[str, Mutant] = {}


def breaks(rule: str, case: str) -> Callable[[Kind], Kind]:
    """Make a mutant of a class; its docstring says what is wrong with it."""

    def register(kind: Kind) -> Kind:
        MUTANTS[kind.__name__] = Mutant(rule, f"wire/{case}", kind)
        return kind

    return register
