"""Questions about triggers, and about configs with triggers (Motia 1.0)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def _type_of(trigger: Any) -> Any:
    return trigger.get("type") if isinstance(trigger, Mapping) else getattr(trigger, "type", None)


def _triggers(step: Any, kind: str) -> list[Any]:
    config = getattr(step, "config", step)
    triggers = config.get("triggers") if isinstance(config, Mapping) else None
    return [trigger for trigger in triggers or [] if _type_of(trigger) == kind]


def is_api_trigger(trigger: Any) -> bool:
    """Whether requests start it."""
    return bool(_type_of(trigger) == "http")


def is_queue_trigger(trigger: Any) -> bool:
    """Whether events start it."""
    return bool(_type_of(trigger) == "queue")


def is_cron_trigger(trigger: Any) -> bool:
    """Whether time starts it."""
    return bool(_type_of(trigger) == "cron")


def is_state_trigger(trigger: Any) -> bool:
    """Whether changes of state start it."""
    return bool(_type_of(trigger) == "state")


def is_stream_trigger(trigger: Any) -> bool:
    """Whether changes in a stream start it."""
    return bool(_type_of(trigger) == "stream")


def get_api_triggers(step: Any) -> list[Any]:
    """The triggers of a step, or of its config, that requests are."""
    return _triggers(step, "http")


def get_queue_triggers(step: Any) -> list[Any]:
    """Those that events are."""
    return _triggers(step, "queue")


def get_cron_triggers(step: Any) -> list[Any]:
    """Those that times are."""
    return _triggers(step, "cron")


def get_state_triggers(step: Any) -> list[Any]:
    """Those that changes of state are."""
    return _triggers(step, "state")


def get_stream_triggers(step: Any) -> list[Any]:
    """Those that changes in streams are."""
    return _triggers(step, "stream")


def is_api_step(step: Any) -> bool:
    """Whether it has such a trigger."""
    return bool(get_api_triggers(step))


def is_queue_step(step: Any) -> bool:
    """Whether it has such a trigger."""
    return bool(get_queue_triggers(step))


def is_cron_step(step: Any) -> bool:
    """Whether it has such a trigger."""
    return bool(get_cron_triggers(step))


def is_state_step(step: Any) -> bool:
    """Whether it has such a trigger."""
    return bool(get_state_triggers(step))


def is_stream_step(step: Any) -> bool:
    """Whether it has such a trigger."""
    return bool(get_stream_triggers(step))
