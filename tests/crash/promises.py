"""What must hold however often a core has died: checked on the workload's record, the journal and the store."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from tests.crash.stored import Stored
from tests.crash.workload import GROUPS, Workload

COUNTED = {"count": "counts", "fragile": "mended", "patient": "patient"}  # groups of state by kind of event
STEPS = {"Plain": "plain", "Count": "count", "Fragile": "fragile", "Patient": "patient"}
OWN_STEPS = {*STEPS, "Ordered", "Counted"}  # ticks never end


@dataclass
class Journal:
    """What handlers have noted: [round, what, step, …], in the order of time."""

    path: Path
    lines: list[list[str]] = field(default_factory=list)

    def read(self) -> Journal:
        self.lines = [line.split() for line in self.path.read_text().splitlines()] if self.path.exists() else []
        return self


@dataclass
class Left:
    """What the core of a round has left: deliveries and dead letters by step, and what was new in the next round."""

    round: int
    unfinished: set[tuple[str, ...]] = field(default_factory=set)
    emitted: dict[str, int] = field(default_factory=dict)  # by kind: numbers up to this one


def left_by(round_: int, stored: Stored, workload: Workload) -> Left:
    """What is in the store of a core that has died."""
    unfinished = {_name(step, data) for step, data in [*stored.deliveries(), *stored.dead()] if data is not None}
    return Left(round_, unfinished, {kind: len(emits.tried) for kind, emits in workload.emits.items()})


def broken(workload: Workload, journal: Journal, stored: Stored) -> list[str]:
    """Promises that do not hold when everything has been delivered."""
    counts = {kind: stored.group(group) for kind, group in COUNTED.items()}
    problems = _lost(workload, journal, counts) + _counts(stored, counts) + _order(journal) + _progress(journal)
    plain = stored.group("plain")
    said = {line[3] for line in journal.lines if line[1:3] == ["acknowledged", "Plain"]}
    problems += [f"state plain/{n} was acknowledged and is lost" for n in said - plain.keys()]
    return problems + _ticks(stored)


def run_again(journal: Journal, left: Left) -> list[str]:
    """Deliveries that the next round started although they were finished, or not there."""
    problems = []
    for round_, what, step, *rest in journal.lines:
        if what != "start" or int(round_) != left.round + 1:
            continue
        kind = f"ordered {rest[0]}" if step == "Ordered" else STEPS[step]
        is_new = int(rest[-1]) > left.emitted.get(kind, 0)
        if not is_new and (step, *rest) not in left.unfinished:
            problems.append(f"{step} {' '.join(rest)} was not in the store after round {left.round}, and ran again")
    return problems


def _name(step: str, data: dict[str, object]) -> tuple[str, ...]:
    return (step, str(data["group"]), str(data["n"])) if "group" in data else (step, str(data["n"]))


def _lost(workload: Workload, journal: Journal, counts: dict[str, dict[str, int]]) -> list[str]:
    started = defaultdict(set)
    for line in journal.lines:
        if line[1] == "start":
            started[" ".join(line[2:-1]).lower()].add(int(line[-1]))
    done = {kind: {int(n) for n in counted} for kind, counted in counts.items()}
    done |= {kind: started[kind] for kind in ("plain", *(f"ordered {group}" for group in GROUPS))}
    problems = []
    for kind, emits in workload.emits.items():
        if lost := sorted(emits.acknowledged - done[kind]):
            problems.append(f"{kind}: {len(lost)} acknowledged emits are lost: {lost[:10]}")
        if unknown := sorted(done[kind] - emits.tried):
            problems.append(f"{kind}: {unknown[:10]} were never emitted")
    return problems


def _counts(stored: Stored, counts: dict[str, dict[str, int]]) -> list[str]:
    """Effects of atomic steps, of which there must be one each."""
    counts = {**counts, "counted": stored.group("counted"), "tick": stored.group("ticks")}
    problems = [
        f"{kind} {name} took effect {times} times"
        for kind, counted in counts.items()
        for name, times in counted.items()
        if times != 1
    ]
    if odd := counts["count"].keys() ^ counts["counted"].keys():
        problems.append(f"counted here and not there, though one commit emits both: {sorted(odd)[:10]}")
    return problems


def _order(journal: Journal) -> list[str]:
    """Once a delivery of a message group has begun, those before it were finished: they never begin again."""
    last: defaultdict[str, int] = defaultdict(int)
    problems = []
    for round_, what, step, *rest in journal.lines:
        if (what, step) == ("start", "Ordered"):
            group, number = rest[0], int(rest[1])
            if number < last[group]:
                problems.append(f"group {group}: {number} ran after {last[group]} (round {round_})")
            last[group] = max(last[group], number)
    return problems


def _progress(journal: Journal) -> list[str]:
    """What a handler was told to be remembered is not run again."""
    remembered: set[str] = set()
    problems = []
    for _, what, step, *rest in journal.lines:
        if step == "Patient":
            if what == "remembered":
                remembered.add(rest[0])
            elif what == "ran" and rest[0] in remembered:
                problems.append(f"Patient {rest[0]} ran again what it had remembered")
    return problems


def _ticks(stored: Stored) -> list[str]:
    due = stored.due_times("Tick")
    problems = [f"no tick between {one} and {other}" for one, other in pairwise(due) if other - one != 1000]
    ran = len(stored.group("ticks"))
    if not 0 <= len(due) - ran <= 2:  # the last may be under way
        problems.append(f"{len(due)} due times, {ran} ticks")
    return problems
