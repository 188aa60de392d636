"""A wire case, and the list of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from motia_core.conformance.wire.play import Play

Script = Callable[[Play], Awaitable[None]]


@dataclass(frozen=True)
class WireCase:
    """One script that is played against a sidecar."""

    name: str  # "wire/one_credit"
    about: str
    rules: tuple[str, ...]  # what it is there to prove; the judge looks at all others as well
    script: Script = field(repr=False)
    options: Mapping[str, Any] = field(default_factory=dict)  # of the ScriptedCore
    needs: tuple[str, ...] = ()  # optional steps, without which it does not apply
    for_capability: str = ""  # and a capability that the SDK names


CASES: dict[str, WireCase] = {}


def wire_case(
    *rules: str, needs: tuple[str, ...] = (), for_capability: str = "", **options: Any
) -> Callable[[Script], Script]:
    """Make a case of a script: its name is the function's, its docstring says what it is about."""

    def register(script: Script) -> Script:
        name = f"wire/{script.__name__}"
        about = " ".join((script.__doc__ or "").split())
        CASES[name] = WireCase(name, about, rules, script, options, needs, for_capability)
        return script

    return register
