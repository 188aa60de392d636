"""What must hold, whatever happens: checked at every step, and when all is over."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from motia_core.model.invocation import Invocation
from motia_core.model.step import Step
from tests.fakes.memory import Memory

FAILURE_MS = 10_000  # while the store fails, that takes longer
LOOKUP_MS = 50  # what an attempt remembers is read between the decision to start it and its start

Work = tuple[str, str]  # number of an event, step


@dataclass(eq=False)
class Emitted:
    """An event that somebody wanted to emit."""

    topic: str
    n: str
    key: str  # idempotency key
    parent: Work | None  # the atomic step that emits it, when it does so
    core: int
    began_ms: int
    began: int  # in the order of things
    acknowledged: int = 0
    acknowledged_ms: int = 0

    def is_after(self, other: Emitted) -> bool:
        """Whether the other was acknowledged before this one began; of two cores, as far as their clocks can tell."""
        if not other.acknowledged or other.acknowledged > self.began:
            return False
        return self.core == other.core or other.acknowledged_ms + 1 < self.began_ms


@dataclass(eq=False)
class Model:
    """Knows what was promised to whom."""

    memory: Memory
    steps: Sequence[Step]
    order: int = 0
    events: list[str] = field(default_factory=list)  # the story so far
    broken: list[str] = field(default_factory=list)
    emitted: dict[str, list[Emitted]] = field(default_factory=lambda: defaultdict(list))
    running: dict[int, tuple[object, Invocation, str]] = field(default_factory=dict)  # life, invocation, lane
    seen: dict[Work, set[int]] = field(default_factory=lambda: defaultdict(set))  # delivery ids
    finished: Counter[Work] = field(default_factory=Counter)
    over: set[int] = field(default_factory=set)  # invocations that succeeded
    committed: set[int] = field(default_factory=set)  # deliveries whose end was acknowledged
    results: dict[tuple[int, str], bytes] = field(default_factory=dict)
    until_ms: dict[tuple[int, str], int] = field(default_factory=dict)
    starts_ms: dict[tuple[object, str], list[int]] = field(default_factory=lambda: defaultdict(list))

    def note(self, what: str) -> None:
        self.order += 1
        self.events.append(what)

    def check(self, holds: bool, what: str) -> None:
        """Note what does not hold; the engine goes on, as it catches what is raised within it."""
        if not holds:
            self.note(f"BROKEN: {what}")
            self.broken.append(what)

    # --- emits

    def emitting(
        self, life: Any, topic: str, data: dict[str, Any], options: dict[str, Any], parent: Invocation | None = None
    ) -> Emitted:
        by = None
        if parent is not None and parent.step.atomic:
            by = (number(parent), parent.step.id)
        self.note(f"emit {topic} {data['n']} {options}")
        key, core = options.get("idempotency_key", ""), life.cluster.shard
        emitted = Emitted(topic, str(data["n"]), key, by, core, life.clock.now_ms(), self.order)
        self.emitted[emitted.n].append(emitted)
        return emitted

    def acknowledged(self, life: Any, emitted: Emitted) -> None:
        self.note(f"emitted {emitted.n}")
        emitted.acknowledged, emitted.acknowledged_ms = self.order, life.clock.now_ms()

    # --- attempts

    def starts(self, life: Any, invocation: Invocation, data: dict[str, Any]) -> None:
        step, delivery_id, now_ms = invocation.step, invocation.delivery_id, life.clock.now_ms()
        stored = self.memory.deliveries.get(delivery_id)
        of = f"{step.id} {data['n']} attempt {invocation.attempt} ({delivery_id})"
        self.note(f"{now_ms} core {life.cluster.shard}: start {of}")
        self.check(not life.is_dead, f"a dead core starts {of}")
        self.check(delivery_id not in self.committed, f"{of} starts although its end was acknowledged")
        self.check(stored is not None, f"{of} starts although it is not in the store")
        if stored is None:
            return
        self.check(invocation.attempt <= step.queue.max_attempts, f"{of} starts too often")
        self.check(stored.due_ms <= now_ms + 1, f"{of} starts {stored.due_ms - now_ms} ms early")
        self.seen[str(data["n"]), step.id].add(delivery_id)
        self.running[invocation.id] = (life, invocation, stored.lane)
        self._check_limits(life, step, stored.lane, of)
        if step.queue.fifo and delivery_id not in self.memory.revived:
            self._check_order(stored, of)
        if (limit := step.queue.rate_limit) is not None and now_ms - life.failed_ms > FAILURE_MS:
            starts = self.starts_ms[life, step.id]
            starts.append(now_ms)
            within = [ms for ms in starts if ms > now_ms - limit.per_ms + LOOKUP_MS]
            self.check(len(within) <= limit.limit, f"{of}: {len(within)} starts within {limit.per_ms} ms")

    def _check_limits(self, life: object, step: Step, lane: str, of: str) -> None:
        running = [(on, held) for on, one, held in self.running.values() if one.step.id == step.id]
        count = len(running) if step.queue.concurrency_is_own else sum(on is life for on, _ in running)
        self.check(count <= step.queue.concurrency, f"{of}: {count} at once, {step.queue.concurrency} are allowed")
        if lane:
            count = sum(held == lane for _, held in running)
            self.check(count <= step.queue.lane_concurrency, f"{of}: {count} of lane {lane} at once")

    def _check_order(self, stored: Any, of: str) -> None:
        own = self._emit_of(stored)
        for other in self.memory.deliveries.values():
            if (other.step_id, other.lane) != (stored.step_id, stored.lane) or other.id in self.memory.revived:
                continue
            emitted = self._emit_of(other)
            if own is not None and emitted is not None and other.id != stored.id:
                self.check(not own.is_after(emitted), f"{of} starts before {emitted.n}")

    def _emit_of(self, delivery: Any) -> Emitted | None:
        """The emit that a delivery is from, if that is certain."""
        emits = self.emitted[str(json.loads(delivery.data)["n"])]
        return emits[0] if len(emits) == 1 and emits[0].parent is None else None

    def ends(self, life: Any, invocation: Invocation) -> None:
        self.running.pop(invocation.id, None)

    def done(self, life: Any, invocation: Invocation, data: dict[str, Any]) -> None:
        self.note(f"done {invocation.step.id} {data['n']}")
        self.finished[str(data["n"]), invocation.step.id] += 1
        self.over.add(invocation.id)

    def acknowledges(self, invocation: Invocation) -> None:
        """The engine says that the end of an attempt is on disk."""
        if invocation.id in self.over and invocation.delivery_id not in self.memory.deliveries:
            self.committed.add(invocation.delivery_id)

    def gone(self, life: object) -> None:
        """A core was killed: what it was doing does not go on."""
        for number_, (of, _, _) in list(self.running.items()):
            if of is life:
                del self.running[number_]

    # --- progress

    def remembered(self, invocation: Invocation, key: str, value: bytes) -> None:
        known = self.results.setdefault((invocation.delivery_id, key), value)
        self.check(known == value, f"{key} of {invocation.delivery_id} was {known!r} and is {value!r} now")

    def suspending(self, invocation: Invocation, key: str, until_ms: int) -> None:
        place = (invocation.delivery_id, key)
        self.until_ms[place] = min(until_ms, self.until_ms.get(place, until_ms))

    def resumed(self, invocation: Invocation, key: str, now_ms: int) -> None:
        until_ms = self.until_ms[invocation.delivery_id, key]
        self.check(0 < until_ms <= now_ms + 1, f"{key} of {invocation.delivery_id} was over too early")

    def answered(self, invocation: Invocation, answer: Any, now_ms: int) -> None:
        if answer is None:
            self.resumed(invocation, "wait:1", now_ms)
        else:
            self.check(str(answer["n"]) == number(invocation), f"{invocation.delivery_id} got {answer}")

    # --- the end

    def check_all(self) -> None:
        """Everything has come to rest."""
        memory = self.memory
        self.check(not memory.deliveries, f"{list(memory.deliveries)} are left")
        self.check(not memory.waits, f"waits are left: {memory.waits}")
        left = memory.progress.keys() - memory.letters.keys()
        self.check(not left, f"what {sorted(left)} remembered is left")
        letters = (letter.delivery for letter in memory.letters.values())
        dead = Counter((str(json.loads(one.data)["n"]), one.step_id) for one in letters)
        for emits in self.emitted.values():
            for emitted in emits:
                for step in self.steps:
                    if emitted.topic in step.subscribes:
                        self._check_event(emitted, len(emits), step, dead)
        self._check_keys(dead)

    def _check_event(self, emitted: Emitted, times: int, step: Step, dead: Counter[Work]) -> None:
        work = (emitted.n, step.id)
        if step.atomic:
            count, expected = self._count(work), len(self.seen[work]) - dead[work]
            self.check(count == expected, f"{work} took effect {count} times, not {expected}")
        if emitted.key:
            return
        promised = emitted.acknowledged > 0
        if emitted.parent is not None:
            promised = self._count(emitted.parent) > 0
            self.check(promised or not self.seen[work], f"{work} comes from an attempt without effect")
        if promised:
            self.check(work in dead or self.finished[work] > 0, f"{work} is lost")
        if times == 1 or emitted.parent is not None:
            most = max(1, self._count(emitted.parent)) if emitted.parent else 1
            self.check(len(self.seen[work]) <= most, f"{work} was delivered {len(self.seen[work])} times")

    def _check_keys(self, dead: Counter[Work]) -> None:
        by_key: dict[tuple[str, str], list[Emitted]] = defaultdict(list)
        for emits in self.emitted.values():
            for emitted in emits:
                if emitted.key:
                    by_key[emitted.topic, emitted.key].append(emitted)
        for (topic, key), emits in by_key.items():
            for step in self.steps:
                if topic not in step.subscribes:
                    continue
                works = {(emitted.n, step.id) for emitted in emits}
                deliveries = set().union(*(self.seen[work] for work in works))
                self.check(len(deliveries) <= 1, f"key {key} of {topic} let {len(deliveries)} through")
                if any(emitted.acknowledged and emitted.parent is None for emitted in emits):
                    some = any(work in dead or self.finished[work] for work in works)
                    self.check(some, f"all of key {key} of {topic} is lost")

    def _count(self, work: Work) -> int:
        stored = self.memory.state.get(("done", ":".join(work)))
        return json.loads(stored[0]) if stored else 0


class Broken(AssertionError):
    """A promise was broken."""


def number(invocation: Invocation) -> str:
    trigger: Any = invocation.trigger
    return str(json.loads(trigger.data)["n"])
