"""From a step's config to a Step: every field of the four types, with defaults and what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from motia_core.model.config import Config, Finding
from motia_core.model.cron_config import CRON_KEYS, one_at_a_time, read_cron_policy, read_schedule
from motia_core.model.infrastructure import read_infrastructure
from motia_core.model.project import LoadedStep, SourceFile
from motia_core.model.route import RoutePatternError, compile_route
from motia_core.model.schema_config import read_request_schemas, read_responses, read_schema
from motia_core.model.step import QueuePolicy, Step, StepType
from motia_core.model.triggered import in_its_words, is_triggered, to_plain
from motia_core.model.watch import Watch
from motia_core.model.wording import did_you_mean

METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "WEBSOCKET")
TYPES = tuple(kind.value for kind in StepType)
COMMON_KEYS = frozenset(
    {"type", "name", "description", "flows", "emits", "virtualEmits", "virtualSubscribes", "includeFiles"}
)
KEYS: Mapping[StepType, frozenset[str]] = {
    StepType.API: frozenset(
        {
            "path",
            "method",
            "bodySchema",
            "responseSchema",
            "queryParams",
            "querySchema",
            "pathSchema",
            "headersSchema",
            "messageSchema",
            "middleware",
            "infrastructure",
            "cancelOnDisconnect",
            "atomic",
        }
    ),
    StepType.EVENT: frozenset({"subscribes", "watches", "input", "infrastructure", "queue", "atomic", "waitsFor"}),
    StepType.CRON: CRON_KEYS | {"infrastructure", "queue", "atomic", "waitsFor"},
    StepType.NOOP: frozenset(),
}
OWNERS = {key: kind for kind in reversed(StepType) for key in KEYS[kind]}  # of a key that is used elsewhere
WATCH_KEYS = frozenset({"state", "stream", "group", "item"})
STEP_SUFFIX = re.compile(r"[._]step\.\w+$")


def read_step(file: SourceFile, loaded: LoadedStep, queue: QueuePolicy) -> tuple[Step | None, list[Finding]]:
    """The step that was loaded, or None when there is an error among the findings."""
    if not is_triggered(loaded):
        return _read_plain(file, loaded, queue)
    plain, findings = to_plain(loaded)
    if plain is None:
        return None, findings
    step, found = _read_plain(file, plain, queue)
    findings += in_its_words(loaded, found)
    if step is None or any(finding.severity == "error" for finding in findings):
        return None, findings
    return replace(step, is_triggered=True, emit_topics=frozenset()), findings  # any topic may be enqueued to


def _read_plain(file: SourceFile, loaded: LoadedStep, queue: QueuePolicy) -> tuple[Step | None, list[Finding]]:
    config = Config(loaded.config, [])
    kind = _type(config)
    if kind is None:
        return None, config.findings
    step = _common(config, file, loaded, kind)
    step = READERS[kind](config, step, queue)
    _check_keys(config, kind)
    if kind is not StepType.NOOP and not loaded.has_handler:
        remedy = "give it one: .handle(async …)" if loaded.key else f"export a function named handler from {file.path}"
        config.error("there is no handler", remedy)
    if kind is not StepType.API and loaded.middleware_count:
        config.warn("config.middleware is for api steps only and ignored", "remove it")
    return (step if config.is_usable else None), config.findings


def _type(config: Config) -> StepType | None:
    value = config.value("type")
    if value is None:
        config.missing("type", "how the step is triggered", f"type: one of {', '.join(TYPES)}")
    elif not isinstance(value, str):
        config.wrong("type", f"one of {', '.join(TYPES)}", "type: 'event'")
    elif value not in TYPES:
        hint = did_you_mean(value, TYPES) or f"known are {', '.join(TYPES)}"
        config.error(f"config.type {value!r} is not known", hint)
    else:
        return StepType(value)
    return None


def _common(config: Config, file: SourceFile, loaded: LoadedStep, kind: StepType) -> Step:
    name = config.text("name", "name: 'ProcessOrder'") or default_name(loaded)
    emits = config.targets("emits")
    config.texts("includeFiles", "includeFiles: ['./templates/*.html']")
    return Step(
        id=name,
        name=name,
        path=file.path,
        type=kind,
        language=file.language,
        group=file.group,
        key=loaded.key,
        line=loaded.line,
        description=config.text("description", "description: '…'"),
        flows=config.texts("flows", "flows: ['orders']"),
        emits=emits,
        emit_topics=frozenset(target.topic for target in emits),
        virtual_emits=config.targets("virtualEmits"),
        virtual_subscribes=config.texts("virtualSubscribes", "virtualSubscribes: ['order.approved']"),
        middleware_count=loaded.middleware_count,
        has_handler=loaded.has_handler,
        config=loaded.config,
    )


def default_name(loaded: LoadedStep) -> str:
    """The name of a step whose config has none: `CreateOrder` for the key `create_order` or `createOrder`, the file's
    for the step that is the file."""
    if not loaded.key or loaded.trigger:
        return STEP_SUFFIX.sub("", loaded.path.rpartition("/")[2])
    return "".join(f"{word[0].upper()}{word[1:]}" for word in loaded.key.split("_") if word) or loaded.key


def _read_api(config: Config, step: Step, queue: QueuePolicy) -> Step:
    infrastructure = read_infrastructure(config, queue, StepType.API)
    _check_docs(config)
    method = _method(config)
    of_input, of_others = ("messageSchema", "bodySchema") if method == "WEBSOCKET" else ("bodySchema", "messageSchema")
    if config.has(of_others):
        config.warn(f"config.{of_others} is ignored in steps for {method}", f"write {of_input}")
    return replace(
        step,
        schema=read_schema(config, of_input),
        request=read_request_schemas(config),
        responses=read_responses(config),
        method=method,
        route=_route(config),
        timeout_ms=infrastructure.timeout_ms,
        cancel_on_disconnect=config.flag("cancelOnDisconnect"),
        atomic=config.flag("atomic"),
    )


def _method(config: Config) -> str:
    written = config.text("method", "method: 'POST'")
    method = written.upper()
    if not config.has("method"):
        config.warn("config.method is missing: POST is assumed", "add method: 'POST'")
        return "POST"
    if written and method not in METHODS:
        hint = did_you_mean(method, METHODS) or f"known are {', '.join(METHODS)}"
        config.error(f"config.method {written!r} is not known", hint)
    elif method == "OPTIONS":
        config.warn("OPTIONS requests are answered by the core (CORS); this step gets none", "use another method")
    elif not written and config.value("method") == "":
        config.wrong("method", f"one of {', '.join(METHODS)}", "method: 'POST'")
    return method


def _route(config: Config) -> str:
    route = config.text("path", "path: '/orders/:id'")
    if not config.has("path"):
        config.missing("path", "where the step is served", "path: '/orders/:id'")
    elif isinstance(config.value("path"), str) and not route.startswith("/"):
        config.error(f"config.path {route!r} must start with a slash", f"write path: '/{route}'")
    elif route:
        try:
            compile_route(route)
        except RoutePatternError as error:
            config.error(f"config.{error}", "write an Express pattern such as /orders/:id")
    return route


def _check_docs(config: Config) -> None:
    """Fields that only describe: what is wrong with them stops nothing."""
    params = config.value("queryParams")
    if params is not None:
        items = params if isinstance(params, (list, tuple)) else [None]
        if not all(isinstance(item, Mapping) and isinstance(item.get("name"), str) for item in items):
            config.warn("config.queryParams is not a list of {name, description} and ignored", "write [{name: 'q'}]")


def _read_event(config: Config, step: Step, queue: QueuePolicy) -> Step:
    example = "subscribes: ['order.created']"
    infrastructure = read_infrastructure(config, queue, StepType.EVENT)
    subscribes = config.texts("subscribes", example)
    watches = _watches(config)
    if not config.has("subscribes") and not config.has("watches"):
        config.missing("subscribes", "which events the step handles", example)
    if config.has("subscribes") and config.has("watches"):
        config.error("config.subscribes and config.watches do not go together", "make two steps of it")
    if "" in subscribes:
        config.error("config.subscribes has an empty topic in it", f"write {example}")
    return replace(
        step,
        schema=read_schema(config, "input"),
        subscribes=subscribes,
        watches=watches,
        queue=infrastructure.queue,
        timeout_ms=infrastructure.timeout_ms,
        atomic=config.flag("atomic"),
        waits_for=_waits_for(config),
    )


def _watches(config: Config) -> Watch | None:
    """What a step watches instead of topics: `{state: true}`, or `{stream, group, item}`."""
    if not config.has("watches"):
        return None
    section = config.section("watches")
    section.known(WATCH_KEYS)
    stream = section.text("stream", "stream: 'orders'")
    if section.flag("state") == bool(stream):
        section.error(f"{section.place} must name either state or a stream", "write watches: {state: true}")
    group, item = section.text("group", "group: 'open'"), section.text("item", "item: 'o-1'")
    if (group or item) and not stream:
        section.warn(f"{section.place}.group and .item are for streams and ignored", "look at them in the handler")
        return Watch()
    return Watch(stream, group, item)


def _waits_for(config: Config) -> tuple[str, ...]:
    example = "waitsFor: ['order.approved']"
    topics = config.texts("waitsFor", example)
    if "" in topics:
        config.error("config.waitsFor has an empty topic in it", f"write {example}")
    return topics


def _read_cron(config: Config, step: Step, queue: QueuePolicy) -> Step:
    infrastructure = read_infrastructure(config, queue, StepType.CRON)
    policy = read_cron_policy(config)
    cron, zone = read_schedule(config)
    return replace(
        step,
        cron=cron,
        timezone=zone,
        schedule=policy,
        queue=one_at_a_time(policy, infrastructure.queue),
        timeout_ms=infrastructure.timeout_ms,
        atomic=config.flag("atomic"),
        waits_for=_waits_for(config),
    )


def _read_noop(config: Config, step: Step, queue: QueuePolicy) -> Step:
    return step


READERS: Mapping[StepType, Callable[[Config, Step, QueuePolicy], Step]] = {
    StepType.API: _read_api,
    StepType.EVENT: _read_event,
    StepType.CRON: _read_cron,
    StepType.NOOP: _read_noop,
}


def _check_keys(config: Config, kind: StepType) -> None:
    own = COMMON_KEYS | KEYS[kind]
    elsewhere = OWNERS.keys() - own
    for key in sorted(elsewhere):
        if config.has(key):
            config.warn(f"config.{key} is for {OWNERS[key]} steps and ignored in {kind} steps", "remove it")
    config.known(own, elsewhere)
