"""config.infrastructure and config.queue: how events are delivered and how long a handler may take."""

from __future__ import annotations

from dataclasses import dataclass, replace

from motia_core.model.config import UNLIMITED, Config, did_you_mean
from motia_core.model.step import QueuePolicy

SECONDS = 1000  # milliseconds
LONGEST_TIMEOUT_S = 900
LONGEST_DELAY_S = 900
RAM_MB = (128, 10_240)
MB_PER_CPU = 2048
CPU_TOLERANCE = 0.1
HANDLER_KEYS = frozenset({"ram", "cpu", "timeout"})
QUEUE_KEYS = frozenset({"type", "maxRetries", "visibilityTimeout", "delaySeconds", "concurrency"})
KEYS = frozenset({"handler", "queue"})


@dataclass(frozen=True, slots=True)
class Infrastructure:
    """What the section says, completed by the defaults."""

    queue: QueuePolicy
    timeout_ms: int  # 0: none


def read_infrastructure(config: Config, defaults: QueuePolicy, *, has_queue: bool) -> Infrastructure:
    """Read the sections of a step's config; `has_queue`: events come to it."""
    section = config.section("infrastructure")
    _known(section)
    handler, queue = section.section("handler"), section.section("queue")
    timeout_s = handler.number("timeout", 1, LONGEST_TIMEOUT_S, unit="seconds") or 0
    handler.known(HANDLER_KEYS)
    _check_size(handler)
    if config.has("queue"):
        if section.has("queue"):
            config.warn("config.queue and config.infrastructure.queue are both there: config.queue is used")
        queue = config.section("queue")
    if not has_queue:
        if section.has("queue"):
            config.warn("config.infrastructure.queue is for event steps only and ignored", "remove it")
        return Infrastructure(defaults, int(timeout_s * SECONDS))
    return Infrastructure(_read_queue(queue, defaults, timeout_s), int(timeout_s * SECONDS))


def _known(section: Config) -> None:
    misplaced = {**dict.fromkeys(HANDLER_KEYS, "handler"), **dict.fromkeys(QUEUE_KEYS, "queue")}
    for key in misplaced:
        if section.has(key):
            where = misplaced[key]
            section.warn(
                f"config.infrastructure.{key} is not known there and ignored",
                f"write it as infrastructure.{where}.{key}",
            )
    section.known(KEYS | misplaced.keys())


def _check_size(handler: Config) -> None:
    """Memory and processors have no effect here: what is wrong with them stops nothing."""
    sizes = Config({key: handler.value(key) for key in ("ram", "cpu")}, [], "config.infrastructure.handler")
    ram = sizes.number("ram", *RAM_MB, unit="MB")
    cpu = sizes.number("cpu", 0, UNLIMITED)
    for finding in sizes.findings:
        handler.findings.append(replace(finding, severity="warning"))
    if ram and cpu is not None and abs(cpu - ram / MB_PER_CPU) > CPU_TOLERANCE:
        handler.warn(
            f"config.infrastructure.handler.cpu is {cpu:g}, which does not go with ram {ram:g}",
            f"write cpu: {ram / MB_PER_CPU:g}, or leave it out: it has no effect here",
        )


def _read_queue(queue: Config, defaults: QueuePolicy, timeout_s: float) -> QueuePolicy:
    queue.known(QUEUE_KEYS)
    retries = queue.number("maxRetries", 0, UNLIMITED, whole=True)
    visibility_s = queue.number("visibilityTimeout", 0, UNLIMITED, unit="seconds")
    delay_s = queue.number("delaySeconds", 0, LONGEST_DELAY_S, unit="seconds")
    concurrency = queue.number("concurrency", 1, UNLIMITED, whole=True)
    if visibility_s is not None and timeout_s and visibility_s <= timeout_s:
        queue.error(
            f"infrastructure.queue.visibilityTimeout ({visibility_s:g} s) must be above "
            f"infrastructure.handler.timeout ({timeout_s:g} s)",
            f"write visibilityTimeout: {timeout_s + 1:g} or more",
        )
    return replace(
        defaults,
        fifo=_is_fifo(queue),
        max_retries=defaults.max_retries if retries is None else int(retries),
        visibility_timeout_s=visibility_s or defaults.visibility_timeout_s,
        delay_s=delay_s or defaults.delay_s,
        concurrency=defaults.concurrency if concurrency is None else int(concurrency),
    )


def _is_fifo(queue: Config) -> bool:
    kind = queue.text("type", "type: 'fifo'") or "standard"
    if kind not in ("standard", "fifo"):
        queue.wrong("type", "'standard' or 'fifo'", did_you_mean(kind, ("standard", "fifo")) or "type: 'fifo'")
    return kind == "fifo"
