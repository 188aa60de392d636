"""A random program: steps with random policies, and what happens to them."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any

from motia_core.model.step import Backoff, QueuePolicy, RateLimit, Step, StepType

TOPICS = ("a", "b", "c")
GROUPS = ("g", "h", "")
KINDS = ("raise", "raise", "raise", "terminal", "retry after", "lost", "hang")


@dataclass(frozen=True)
class Program:
    """What is done to which steps.

    Attributes:
        actions: (seconds since the one before, what, arguments).
    """

    seed: int
    steps: tuple[Step, ...]
    actions: tuple[tuple[float, str, dict[str, Any]], ...]
    cores: int
    faults: float  # of a call of the store, while the faults last


@dataclass
class _Maker:
    random: Random
    numbers: int = 0
    actions: list[tuple[float, str, dict[str, Any]]] = field(default_factory=list)

    def steps(self) -> tuple[Step, ...]:
        return tuple(self.step(f"Step{number}") for number in range(self.random.randint(1, 4)))

    def step(self, name: str) -> Step:
        random = self.random
        return Step(
            name,
            name,
            f"steps/{name}_step.py",
            StepType.EVENT,
            "python",
            "python",
            subscribes=tuple(random.sample(TOPICS, random.randint(1, 2))),
            queue=self.policy(),
            atomic=random.random() < 0.5,
            timeout_ms=random.choice([0, 0, 5_000]),
        )

    def policy(self) -> QueuePolicy:
        random = self.random
        kind = random.choice(["plain", "plain", "fifo", "keyed", "rated", "narrow"])
        return QueuePolicy(
            fifo=kind == "fifo",
            max_retries=random.choice([0, 1, 3, 3]),
            backoff=Backoff(random.random() < 0.5, random.choice([0, 100, 2_000]), 60_000, random.choice([0, 0.5])),
            delay_s=random.choice([0, 0, 0, 5]),
            concurrency=random.choice([1, 2]) if kind == "narrow" else random.choice([1, 10, 10]),
            concurrency_is_own=kind == "narrow",
            concurrency_key=("key",) if kind == "keyed" else (),
            key_concurrency=random.choice([1, 2]),
            rate_limit=RateLimit(random.choice([1, 3]), 1_000) if kind == "rated" else None,
            priority=random.choice([0, 0, 5]),
        )

    def event(self, depth: int = 0) -> dict[str, Any]:
        """An event's data: what its handlers do with it."""
        random = self.random
        self.numbers += 1
        data: dict[str, Any] = {"n": self.numbers, "key": random.choice("xyz"), "slow": random.choice([0, 0, 0.01, 1])}
        if random.random() < 0.3:
            data["fails"] = [random.choice(KINDS) for _ in range(random.randint(1, 2))]
        if random.random() < 0.2:
            data["run"] = random.choice(["once", "before failing"])
        if random.random() < 0.15:
            data["sleeps"] = random.choice([0.5, 30, 4_000])
        if random.random() < 0.2:
            data["waits"] = random.choice([0, 0, 20])  # seconds until it gives up; 0: never
        if depth < 2 and random.random() < 0.3:
            data["emits"] = [self.emit(depth + 1) for _ in range(random.randint(1, 2))]
        return data

    def emit(self, depth: int = 0) -> dict[str, Any]:
        random = self.random
        options: dict[str, Any] = {"group_id": random.choice(GROUPS)}
        if random.random() < 0.15:
            options["delay_ms"] = random.choice([0, 200, 90_000])
        if random.random() < 0.2:
            options["idempotency_key"] = random.choice("pq")
        if random.random() < 0.2:
            options["priority"] = random.choice([-10, 10])
        return {"topic": random.choice(TOPICS), "data": self.event(depth), "options": options}

    def act(self, cores: int) -> None:
        random = self.random
        for _ in range(random.randint(5, 25)):
            pause_s = random.choice([0, 0, 0, 0.005, 0.5, 20])
            what = random.choices(["emit", "burst", "kill", "stop", "redrive", "lose"], [12, 3, 2, 1, 2, 1])[0]
            details: dict[str, Any] = {"core": random.randrange(cores)}
            if what == "emit":
                details |= self.emit()
            elif what == "burst":
                details["emits"] = [self.emit() for _ in range(random.randint(2, 12))]
            self.actions.append((pause_s, what, details))


def make(seed: int) -> Program:
    """The program of a seed."""
    random = Random(seed)
    maker = _Maker(random)
    cores = random.choice([1, 1, 2])
    steps = maker.steps()
    maker.act(cores)
    return Program(seed, steps, tuple(maker.actions), cores, random.choice([0, 0.02, 0.1]))
