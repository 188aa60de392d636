"""The log of faults: what was done to which container under load, and what held."""

from __future__ import annotations

from dataclasses import dataclass

from tests.containers.load import Load
from tests.repo.repository import ROOT

FILE = ROOT / "build" / "containers-faults.md"
HEAD = """\
| fault | to | requests | accepted | lost | not accepted | slowest answer | whole again after |
|---|---|---|---|---|---|---|---|
"""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault."""

    what: str
    to: str
    requests: int
    accepted: int
    lost: int
    failures: str  # how those that were not accepted were answered, with their number
    slowest_s: float
    whole_s: float  # from the end of the fault until everything that was accepted had been handled


class FaultLog:
    """Collects them."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, what: str, to: str, load: Load, whole_s: float) -> None:
        """One more, of which everything that was accepted has arrived."""
        failures = ", ".join(f"{count} × {how}" for how, count in sorted(load.failures().items())) or "–"
        accepted = len(load.accepted())
        self._faults.append(Fault(what, to, len(load.answers), accepted, 0, failures, load.slowest_s(), whole_s))

    def write(self) -> None:
        """Write the file, if there was one."""
        if not self._faults:
            return
        FILE.parent.mkdir(exist_ok=True)
        FILE.write_text(HEAD + "".join(f"{_row(fault)}\n" for fault in self._faults))


def _row(fault: Fault) -> str:
    cells = (fault.what, fault.to, fault.requests, fault.accepted, fault.lost, fault.failures)
    return f"| {' | '.join(map(str, cells))} | {fault.slowest_s:.1f} s | {fault.whole_s:.1f} s |"
