"""Random programs, and what they must amount to when all of them are done.

A program is {"id", "topic", "do": [[operation, …], …]}; its topic says which step runs it. A step that is atomic does
all of it once; a plain one may do it again and again, so that what it does there is made to count once by keys.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from random import Random
from typing import Any

from tests.crash.stored import Stored

DEEPEST = 3  # programs in programs
MOST_SHOWN = 20

Program = Mapping[str, Any]


class Generator:
    """Makes programs.

    Args:
        keys: How many counters there are.
        languages: Whose steps run them.
    """

    def __init__(self, random: Random, keys: int, languages: Sequence[str]) -> None:
        self._random = random
        self._keys = keys
        self._languages = languages
        self._numbers = count(1)

    def program(self, depth: int = 0) -> Program:
        """One that was not there before."""
        random = self._random
        kind = random.choice(("atomic", "plain"))
        operations = [self._operation(kind, depth) for _ in range(random.randint(1, 5))]
        if random.random() < 0.05:
            operations.append(["give_up"])
        topic = f"{kind}.{random.choice(self._languages)}"
        return {"id": f"p{next(self._numbers)}", "topic": topic, "do": operations}

    def _operation(self, kind: str, depth: int) -> list[Any]:
        random = self._random
        chosen = random.choices(
            ("add", "bump", "emit", "run", "sleep", "wait", "wait_a_little", "work", "fail"),
            (30, 5, 20, 10, 5, 4, 3, 10, 8),
        )[0]
        match chosen:
            case "emit" if depth < DEEPEST:
                return ["emit", self.program(depth + 1)]
            case "bump" if kind == "plain":  # in an atomic step it would be a conflict each time
                return ["bump", self._key()]
            case "run":
                return ["run"]
            case "sleep":
                return ["sleep", random.randint(1, 300)]
            case "wait" if depth == 0:  # nobody knows from when on a nested program hears signals
                return ["wait", f"t{next(self._numbers)}"]
            case "wait_a_little":
                return ["wait_a_little", "nobody's", random.randint(1, 200)]
            case "work":
                return ["work", random.randint(1, 30)]
            case "fail":
                return ["fail", random.randint(1, 3)]
            case _:
                return ["add", self._key(), random.randint(1, 9)]

    def _key(self) -> str:
        return f"k{self._random.randrange(self._keys)}"


def tags(program: Program) -> list[str]:
    """What the program waits for."""
    return [arguments[0] for operation, *arguments in program["do"] if operation == "wait"]


@dataclass
class Model:
    """What must be in the store."""

    atomic: Counter[str] = field(default_factory=Counter)
    plain: Counter[str] = field(default_factory=Counter)
    bumped: Counter[str] = field(default_factory=Counter)  # at least
    given_up: set[str] = field(default_factory=set)
    ordered: defaultdict[str, Counter[str]] = field(
        default_factory=lambda: defaultdict(Counter)
    )  # topic, key: how many
    programs: int = 0

    def done(self, program: Program) -> None:
        """The program was accepted: it counts."""
        self.programs += 1
        is_atomic = program["topic"].startswith("atomic")
        gives_up = program["do"][-1] == ["give_up"]
        if gives_up:
            self.given_up.add(program["id"])
        if gives_up and is_atomic:
            return
        for operation, *arguments in program["do"]:
            if operation == "add":
                counters = self.atomic if is_atomic else self.plain
                counters[arguments[0]] += arguments[1]
            elif operation == "bump":
                self.bumped[arguments[0]] += 1
            elif operation == "emit":
                self.done(arguments[0])

    def differences(self, stored: Stored) -> list[str]:
        """Where the store is not as it must be."""
        found = [*self._counters(stored), *self._order(stored)]
        dead = stored.last_failures()
        found += [f"{program} was given up: {why}" for program, why in dead.items() if program not in self.given_up]
        found += [f"{program} should have been given up" for program in sorted(self.given_up - dead.keys())]
        found += [f"{name}: {what}" for name, what in stored.group("violations").items()]
        return found

    def _counters(self, stored: Stored) -> Iterator[str]:
        atomic, bumped = Counter(stored.group("atomic")), Counter(stored.group("bumped"))
        plain = Counter({key: sum(stored.group(f"plain:{key}").values()) for key in self.plain})
        for what, wanted, is_ in (("atomic", self.atomic, atomic), ("plain", self.plain, plain)):
            for key in sorted(wanted.keys() | is_.keys()):
                if wanted[key] != is_[key]:
                    yield f"{what} {key} is {is_[key]}, should be {wanted[key]}"
        for key, least in self.bumped.items():
            if bumped[key] < least:
                yield f"bumped {key} is {bumped[key]}, should be {least} or more"

    def _order(self, stored: Stored) -> Iterator[str]:
        for topic, keys in self.ordered.items():
            lists = stored.group(topic)
            for key, last in keys.items():
                numbers = lists.get(key, [])
                if numbers != list(range(1, last + 1)):
                    wrong = next((n for n, other in zip(numbers, range(1, last + 1), strict=False) if n != other), None)
                    yield f"{topic} {key} has {len(numbers)} of {last}, not in order from {wrong} on"
