"""Steps and streams as the engine uses them: checked, complete, immutable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from motia_core.model.schema import Parameters, Schema
from motia_core.model.watch import Watch


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
    schema: Mapping[str, object] | bool | None = field(default=None, compare=False)  # JSON Schema of the data


@dataclass(frozen=True, slots=True)
class RateLimit:
    """At most so many starts in any period of this length."""

    limit: int
    per_ms: int


@dataclass(frozen=True, slots=True)
class Backoff:
    """How long a failed attempt waits for the next."""

    exponential: bool = False  # doubles with every attempt
    base_ms: int = 2_000
    max_ms: int = 3_600_000
    jitter: float = 0.0  # 0 to 1: the part of the wait that is random


@dataclass(frozen=True, slots=True)
class QueuePolicy:
    """How events reach a step; from config.infrastructure.queue, config.queue and the queue settings."""

    fifo: bool = False  # deliveries of a message group run one after the other, in order
    max_retries: int = 3
    backoff: Backoff = Backoff()
    visibility_timeout_s: float = 900  # an attempt whose sidecar is silent for so long runs again elsewhere
    delay_s: float = 0
    concurrency: int = 10  # deliveries at once: by all cores when the step says it, by each when the settings do
    concurrency_is_own: bool = False  # the step says it
    concurrency_key: tuple[str, ...] = ()  # path into the data; deliveries with an equal value share `key_concurrency`
    key_concurrency: int = 1
    rate_limit: RateLimit | None = None
    priority: int = 0  # of deliveries whose emit has none

    @property
    def max_attempts(self) -> int:
        return self.max_retries + 1

    @property
    def has_lanes(self) -> bool:
        """Whether deliveries are kept apart by message group or key."""
        return self.fifo or bool(self.concurrency_key)

    @property
    def lane_concurrency(self) -> int:
        """Deliveries of one lane at once."""
        return 1 if self.fifo else self.key_concurrency

    @property
    def needs_home(self) -> bool:
        """Whether one core must decide for all of them what starts when."""
        return self.has_lanes or self.rate_limit is not None or self.concurrency_is_own


class Overlap(StrEnum):
    """What happens to a due time while the run before goes on."""

    SKIP = "skip"
    QUEUE = "queue"
    ALLOW = "allow"


class CatchUp(StrEnum):
    """What happens to due times that passed while no core ran."""

    NONE = "none"
    ONCE = "once"  # the latest of them runs
    ALL = "all"


@dataclass(frozen=True, slots=True)
class CronPolicy:
    """How a cron step follows its schedule."""

    overlap: Overlap = Overlap.SKIP
    catch_up: CatchUp = CatchUp.NONE
    catch_up_window_ms: int = 24 * 3_600_000  # how far back
    jitter_ms: int = 0  # starts are spread over so long after the due time


@dataclass(frozen=True, slots=True)
class RequestSchemas:
    """What a request may say beside its body."""

    query: Parameters | None = None
    path: Parameters | None = None
    headers: Parameters | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the project.

    `id` names it in queues, traces and logs: the name, or `name (path)` for all but the first step of a name.
    Fields that do not belong to the step's type are empty.
    """

    id: str
    name: str
    path: str  # of its file, relative to the project root, forward slashes
    type: StepType
    language: str  # "typescript" | "javascript" | "python"
    group: str  # language group whose sidecar runs it: "node" | "python"; "" never runs (noop without sidecar)
    key: str = ""  # within its file, of which there may be several; empty: the file's own `config` and `handler`
    line: int = 0  # of its config; 0: unknown
    is_triggered: bool = False  # of Motia 1.0: its handler gets what those of 1.0 get
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
    watches: Watch | None = None  # event: instead of topics
    cron: str = ""  # cron expression, 5 or 6 fields
    timezone: str = ""  # cron; empty: the core's
    schedule: CronPolicy = field(default_factory=CronPolicy)  # cron
    atomic: bool = False  # what the handler does takes effect with its completion, or not at all
    waits_for: tuple[str, ...] = ()  # topics that the handler waits for
    queue: QueuePolicy = field(default_factory=QueuePolicy)
    timeout_ms: int = 0  # config.infrastructure.handler.timeout; 0: none
    cancel_on_disconnect: bool = False  # api
    has_handler: bool = True
    config: Mapping[str, object] = field(default_factory=dict)  # as the sidecar reported it
    schema: Schema | None = field(default=None, compare=False)  # of an event's data, or of a request's body
    request: RequestSchemas | None = field(default=None, compare=False)  # api
    responses: Mapping[str, Schema] = field(default_factory=dict, compare=False)  # api: by status, "2XX" or "default"

    @property
    def reference(self) -> str:
        """What its sidecar knows it by."""
        return f"{self.path}#{self.key}" if self.key else self.path

    @property
    def place(self) -> str:
        """Where people find it: the file, with the line where the file may have others."""
        return f"{self.path}:{self.line}" if self.key and self.line else self.path

    @property
    def is_registered(self) -> bool:
        """Whether a plugin of the config file has registered it: it has no file of its own."""
        return self.path.startswith(("motia.config.ts#", "motia.config.js#"))

    @property
    def is_socket(self) -> bool:
        """Whether an api step serves WebSocket connections instead of requests."""
        return self.method == "WEBSOCKET"

    def may_emit(self, topic: str) -> bool:
        """Whether the topic is declared in emits; an empty emits allows every topic."""
        return not self.emit_topics or topic in self.emit_topics
