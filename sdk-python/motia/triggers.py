"""Triggers as the configs of Motia 1.0 list them, made by functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from motia.definition import StepDefinition, UserFunction
from motia.names import camel_case
from motia.payload import Record

F = TypeVar("F", bound=Callable[..., Any])
KINDS = ("http", "queue", "cron", "state", "stream")


class Trigger(Record):
    """One entry of `config["triggers"]`: a dict with a type."""

    __slots__ = ()


def make(kind: str, fields: Mapping[str, Any]) -> Trigger:
    """A trigger of what was given; None says nothing."""
    return Trigger(type=kind, **{key: value for key, value in camel_case(fields).items() if value is not None})


def http(
    method: str,
    path: str,
    *,
    body_schema: Any = None,
    response_schema: Mapping[int, Any] | None = None,
    query_params: Sequence[Any] | None = None,
    middleware: Sequence[UserFunction] | None = None,
    condition: UserFunction | None = None,
) -> Trigger:
    """A request starts the step."""
    return make("http", locals())


def queue(
    topic: str,
    *,
    input: Any = None,  # noqa: A002
    config: Mapping[str, Any] | None = None,
    condition: UserFunction | None = None,
) -> Trigger:
    """An event starts the step."""
    return make("queue", {**locals(), "config": camel_case(config) if config else None})


def state(*, condition: UserFunction | None = None) -> Trigger:
    """A change of state starts the step."""
    return make("state", locals())


def stream(
    stream_name: str, *, group_id: str | None = None, item_id: str | None = None, condition: UserFunction | None = None
) -> Trigger:
    """A change in a stream starts the step."""
    return make("stream", locals())


class ApiTrigger(Trigger):
    """As `http`."""

    __slots__ = ()

    def __init__(self, **fields: Any) -> None:
        super().__init__(make("http", fields))


class QueueTrigger(Trigger):
    """As `queue`."""

    __slots__ = ()

    def __init__(self, **fields: Any) -> None:
        super().__init__(make("queue", fields))


class CronTrigger(Trigger):
    """As `cron`."""

    __slots__ = ()

    def __init__(self, **fields: Any) -> None:
        super().__init__(make("cron", fields))


class StateTrigger(Trigger):
    """As `state`."""

    __slots__ = ()

    def __init__(self, **fields: Any) -> None:
        super().__init__(make("state", fields))


class StreamTrigger(Trigger):
    """As `stream`."""

    __slots__ = ()

    def __init__(self, **fields: Any) -> None:
        super().__init__(make("stream", fields))


class MultiTriggerStepBuilder:
    """A step with a handler for each kind of trigger; see `multi_trigger_step`."""

    def __init__(self, config: Mapping[Any, Any]) -> None:
        self.config = dict(config)
        self._handlers: dict[str, UserFunction] = {}

    def on_http(self, handler: UserFunction) -> MultiTriggerStepBuilder:
        """Runs for requests."""
        return self._on("http", handler)

    on_api = on_http

    def on_queue(self, handler: UserFunction) -> MultiTriggerStepBuilder:
        """Runs for events."""
        return self._on("queue", handler)

    def on_cron(self, handler: UserFunction) -> MultiTriggerStepBuilder:
        """Runs when it is time."""
        return self._on("cron", handler)

    def on_state(self, handler: UserFunction) -> MultiTriggerStepBuilder:
        """Runs for changes of state."""
        return self._on("state", handler)

    def on_stream(self, handler: UserFunction) -> MultiTriggerStepBuilder:
        """Runs for changes in streams."""
        return self._on("stream", handler)

    def handlers(self, more: Mapping[str, UserFunction] | None = None) -> StepDefinition:
        """The step, with further handlers by kind."""
        by_kind = {**self._handlers, **(more or {})}
        if "api" in by_kind:
            by_kind.setdefault("http", by_kind.pop("api"))
        return StepDefinition(self.config, by_kind=by_kind)

    def _on(self, kind: str, handler: UserFunction) -> MultiTriggerStepBuilder:
        self._handlers[kind] = handler
        return self


def multi_trigger_step(config: Mapping[Any, Any]) -> MultiTriggerStepBuilder:
    """A step with a handler for each kind of trigger: `multi_trigger_step({…}).on_queue(f).on_http(g).handlers()`."""
    return MultiTriggerStepBuilder(config)
