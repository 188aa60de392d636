"""Steps and streams as the engine uses them: checked, complete, immutable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class StepType(StrEnum):
    """How a step is triggered."""

    API = "api"
    EVENT = "event"
    CRON = "cron"
    NOOP = "noop"


@dataclass(frozen=True, slots=True)
class EmitTarget:
    """One entry of emits or virtualEmits. Label and conditional are for the flow graph only."""

    topic: str
    label: str = ""
    conditional: bool = False


@dataclass(frozen=True, slots=True)
class QueuePolicy:
    """How events reach a step; from config.infrastructure.queue and the queue settings."""

    fifo: bool = False
    max_retries: int = 3
    retry_delay_ms: int = 2_000
    visibility_timeout_s: float = 900
    delay_s: float = 0
    concurrency: int = 10

    @property
    def max_attempts(self) -> int:
        return self.max_retries + 1


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the project.

    `id` names it in queues, traces and logs: the name, or `name (path)` for all but the first step of a name.
    Fields that do not belong to the step's type are empty.
    """

    id: str
    name: str
    path: str  # relative to the project root, forward slashes
    type: StepType
    language: str  # "typescript" | "javascript" | "python"
    group: str  # language group whose sidecar runs it: "node" | "python"; "" never runs (noop without sidecar)
    line: int = 0  # of its config; 0: unknown
    description: str = ""
    flows: tuple[str, ...] = ()
    emits: tuple[EmitTarget, ...] = ()
    emit_topics: frozenset[str] = frozenset()  # of emits; empty: any topic may be emitted (contract 2.1)
    virtual_emits: tuple[EmitTarget, ...] = ()
    virtual_subscribes: tuple[str, ...] = ()
    method: str = ""  # api
    route: str = ""  # api: Express 4 pattern
    middleware_count: int = 0
    subscribes: tuple[str, ...] = ()  # event
    cron: str = ""  # cron expression, 5 or 6 fields
    timezone: str = ""  # cron; empty: the core's
    queue: QueuePolicy = field(default_factory=QueuePolicy)
    timeout_ms: int = 0  # config.infrastructure.handler.timeout; 0: none
    cancel_on_disconnect: bool = False  # api
    has_handler: bool = True
    config: Mapping[str, object] = field(default_factory=dict)  # as the sidecar reported it

    def may_emit(self, topic: str) -> bool:
        """Whether the topic is declared in emits; an empty emits allows every topic."""
        return not self.emit_topics or topic in self.emit_topics


@dataclass(frozen=True, slots=True)
class Stream:
    """One stream definition."""

    name: str
    path: str
    language: str
    group: str
    has_can_access: bool = False
    config: Mapping[str, object] = field(default_factory=dict)
