"""Steps of Motia 1.0, whose config has a list of triggers: each trigger becomes a step of ours, in our words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from motia_core.model.config import Config, Finding
from motia_core.model.project import LoadedStep
from motia_core.model.wording import did_you_mean

Plain = dict[str, object]

ROOT_KEYS = frozenset(
    {
        "name",
        "description",
        "triggers",
        "enqueues",
        "virtualEnqueues",
        "virtualSubscribes",
        "flows",
        "includeFiles",
        "infrastructure",
    }
)
RENAMED = {"enqueues": "emits", "virtualEnqueues": "virtualEmits"}  # of the root
QUEUE_KEYS = frozenset(
    {"type", "maxRetries", "visibilityTimeout", "delaySeconds", "concurrency", "backoffType", "backoffDelayMs"}
)
_PLACE = re.compile(r"\bconfig\.(\w+)")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of trigger: its keys, and what becomes of it."""

    keys: frozenset[str]
    to_plain: Callable[[Config], Plain]
    suffix: Callable[[Mapping[str, object]], str]  # tells it from other triggers of its step
    places: Mapping[str, str]  # from our keys to those of the trigger, where they differ


def is_triggered(loaded: LoadedStep) -> bool:
    """Whether a config is one of Motia 1.0."""
    return loaded.config.get("triggers") is not None and loaded.config.get("type") is None


def to_plain(loaded: LoadedStep) -> tuple[LoadedStep | None, list[Finding]]:
    """One trigger's part of a config, as the config of a step; None when there is an error among the findings."""
    config = Config(loaded.config, [])
    triggers = config.value("triggers")
    if not isinstance(triggers, Sequence) or isinstance(triggers, str):
        config.wrong("triggers", "a list", "triggers: [{type: 'queue', topic: 'order.created'}]")
        return None, config.findings
    if loaded.trigger <= 1:  # said once
        config.known(ROOT_KEYS)
    common: Plain = {RENAMED.get(key, key): config.value(key) for key in ROOT_KEYS - {"triggers"} if config.has(key)}
    if not triggers:
        return replace(loaded, config={**common, "type": "noop"}), config.findings
    if not 0 < loaded.trigger <= len(triggers):
        config.error(
            "the SDK of the sidecar does not know config.triggers (steps of Motia 1.0)", "upgrade it to this version"
        )
        return None, config.findings
    trigger, kind = _read(triggers[loaded.trigger - 1], loaded.trigger - 1, config.findings)
    if kind is None:
        return None, config.findings
    trigger.known(kind.keys | {"type"})
    plain = {**common, **kind.to_plain(trigger)}
    if len(triggers) > 1 and isinstance(common.get("name"), str):
        plain["name"] = f"{common['name']}::{_suffix(triggers, loaded.trigger - 1)}"
    return replace(loaded, config=plain), config.findings


def in_its_words(loaded: LoadedStep, findings: list[Finding]) -> list[Finding]:
    """What was found in the config that `to_plain` made, about the config that its author wrote."""
    written = loaded.config.get("triggers")
    if not loaded.trigger or not isinstance(written, Sequence):
        return findings
    at = loaded.trigger - 1
    kind = KINDS[str(written[at].get("type"))]
    back = {new: old for old, new in RENAMED.items()}

    def place(match: re.Match[str]) -> str:
        key = match[1]
        if key in back or key in ROOT_KEYS:
            return f"config.{back.get(key, key)}"
        return f"config.triggers[{at}].{kind.places.get(key, key)}"

    return [replace(finding, cause=_PLACE.sub(place, finding.cause)) for finding in findings]


def _read(value: object, at: int, findings: list[Finding]) -> tuple[Config, Kind | None]:
    trigger = Config(value if isinstance(value, Mapping) else {}, findings, f"config.triggers[{at}]")
    kind = trigger.value("type")
    known = ", ".join(KINDS)
    if isinstance(kind, str) and kind in KINDS:
        return trigger, KINDS[kind]
    if isinstance(kind, str):
        trigger.error(f"{trigger.place}.type {kind!r} is not known", did_you_mean(kind, KINDS) or f"known are {known}")
    else:
        trigger.missing("type", "what starts the step", f"type: one of {known}")
    return trigger, None


def _suffix(triggers: Sequence[object], at: int) -> str:
    """As in 1.0: of the same kind and place the later ones have their number behind it."""
    suffixes = [_suffix_of(trigger) for trigger in triggers[: at + 1]]
    return f"{suffixes[at]}-{at}" if suffixes[at] in suffixes[:at] else suffixes[at]


def _suffix_of(trigger: object) -> str:
    kind = KINDS.get(str(trigger.get("type"))) if isinstance(trigger, Mapping) else None
    return kind.suffix(trigger) if kind is not None and isinstance(trigger, Mapping) else ""


def _given(trigger: Config, *keys: str) -> Plain:
    return {key: trigger.value(key) for key in keys if trigger.has(key)}


def _http(trigger: Config) -> Plain:
    return {"type": "api", **_given(trigger, "path", "method", "bodySchema", "responseSchema", "queryParams")}


def _queue(trigger: Config) -> Plain:
    plain: Plain = {"type": "event", **_given(trigger, "input")}
    topic = trigger.text("topic", "topic: 'order.created'")
    if topic:
        plain["subscribes"] = [topic]
    elif not isinstance(trigger.value("topic"), str):
        trigger.missing("topic", "which events the step handles", "topic: 'order.created'")
        plain["subscribes"] = ["?"]  # that is said
    section = trigger.section("config")
    section.known(QUEUE_KEYS)
    queue = _given(section, "type", "maxRetries", "visibilityTimeout", "delaySeconds", "concurrency")
    delay_ms = section.number("backoffDelayMs", 0, 366 * 86_400_000, unit="milliseconds")
    if section.has("backoffType"):
        queue["backoff"] = section.value("backoffType")
    if delay_ms is not None:
        queue["retryDelay"] = delay_ms / 1000
    return {**plain, "queue": queue} if queue else plain


def _cron(trigger: Config) -> Plain:
    expression = trigger.value("expression")
    plain: Plain = {"type": "cron", "timezone": trigger.value("timezone") or "UTC"}
    return plain if expression is None else {**plain, "cron": expression}


def _state(trigger: Config) -> Plain:
    return {"type": "event", "watches": {"state": True}}


def _stream(trigger: Config) -> Plain:
    if not trigger.text("streamName", "streamName: 'orders'"):
        trigger.missing("streamName", "which stream the step watches", "streamName: 'orders'")
    watch = {"stream": trigger.value("streamName") or "?"}
    parts = {"group": trigger.value("groupId"), "item": trigger.value("itemId")}
    return {"type": "event", "watches": {**watch, **{key: value for key, value in parts.items() if value is not None}}}


KINDS: Mapping[str, Kind] = {
    "http": Kind(
        frozenset({"path", "method", "bodySchema", "responseSchema", "queryParams", "middleware", "condition"}),
        _http,
        lambda trigger: f"http({trigger.get('method')} {trigger.get('path')})",
        {},
    ),
    "queue": Kind(
        frozenset({"topic", "input", "condition", "config"}),
        _queue,
        lambda trigger: f"queue({trigger.get('topic')})",
        {"subscribes": "topic", "queue": "config"},
    ),
    "cron": Kind(
        frozenset({"expression", "timezone", "condition"}),
        _cron,
        lambda trigger: f"cron({trigger.get('expression')})",
        {"cron": "expression"},
    ),
    "state": Kind(frozenset({"condition"}), _state, lambda trigger: "state", {}),
    "stream": Kind(
        frozenset({"streamName", "groupId", "itemId", "condition"}),
        _stream,
        lambda trigger: f"stream({trigger.get('streamName')})",
        {"watches": "streamName"},
    ),
}
