"""The topics of a project: who emits them, who gets them, and what their data must be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from motia_core.model.step import EmitTarget, Step, StepType


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic that is emitted, handled or waited for."""

    name: str
    subscribers: tuple[Step, ...] = ()
    emitters: tuple[Step, ...] = ()  # that declare it

    @property
    def needs_group(self) -> bool:
        """Whether an event without message group would be in nobody's order."""
        return any(step.queue.fifo for step in self.subscribers)

    @property
    def inputs(self) -> tuple[object, ...]:
        """What the subscribers with a schema take: JSON Schemas."""
        return tuple(schema for step in self.subscribers if is_schema(schema := step.config.get("input")))


def topics_of(steps: Iterable[Step]) -> Mapping[str, Topic]:
    """All topics by name, sorted."""
    subscribers: dict[str, list[Step]] = {}
    emitters: dict[str, list[Step]] = {}
    for step in steps:
        if step.type is StepType.NOOP:
            continue
        for topic in dict.fromkeys(step.subscribes):
            subscribers.setdefault(topic, []).append(step)
        for topic in dict.fromkeys(target.topic for target in step.emits):
            emitters.setdefault(topic, []).append(step)
        for topic in step.waits_for:
            subscribers.setdefault(topic, [])
    names = sorted(subscribers.keys() | emitters.keys())
    return {name: Topic(name, tuple(subscribers.get(name, ())), tuple(emitters.get(name, ()))) for name in names}


def emits_of(step: Step) -> Mapping[str, EmitTarget]:
    """What a step declares that it emits, by topic; empty: it may emit everything."""
    targets: dict[str, EmitTarget] = {}
    for target in step.emits:
        targets.setdefault(target.topic, target)
    return targets


def is_schema(value: object) -> bool:
    """Whether a value of a config can be a JSON Schema."""
    return isinstance(value, (Mapping, bool))
