"""config.infrastructure and config.queue: how events are delivered and how long a handler may take."""

from __future__ import annotations

from dataclasses import dataclass, replace

from motia_core.model.config import Config
from motia_core.model.queue_config import QUEUE_KEYS, RETRY_KEYS, read_queue, read_retries
from motia_core.model.step import QueuePolicy, StepType
from motia_core.model.wording import UNLIMITED

SECONDS = 1000  # milliseconds
LONGEST_TIMEOUT_S = 900
RAM_MB = (128, 10_240)
MB_PER_CPU = 2048
CPU_TOLERANCE = 0.1
HANDLER_KEYS = frozenset({"ram", "cpu", "timeout"})
KEYS = frozenset({"handler", "queue"})


@dataclass(frozen=True, slots=True)
class Infrastructure:
    """What the section says, completed by the defaults."""

    queue: QueuePolicy
    timeout_ms: int  # 0: none


def read_infrastructure(config: Config, defaults: QueuePolicy, kind: StepType) -> Infrastructure:
    """Read the sections of the config of a step of this type."""
    section = config.section("infrastructure")
    _known(section)
    handler, queue = section.section("handler"), section.section("queue")
    timeout_s = handler.number("timeout", 1, LONGEST_TIMEOUT_S, unit="seconds") or 0
    timeout_ms = int(timeout_s * SECONDS)
    handler.known(HANDLER_KEYS)
    _check_size(handler)
    if kind not in (StepType.EVENT, StepType.CRON):
        if section.has("queue"):
            config.warn("config.infrastructure.queue is for event and cron steps only and ignored", "remove it")
        return Infrastructure(defaults, timeout_ms)
    if config.has("queue"):
        if section.has("queue"):
            config.warn("config.queue and config.infrastructure.queue are both there: config.queue is used")
        queue = config.section("queue")
    if kind is StepType.EVENT:
        return Infrastructure(read_queue(queue, defaults, timeout_s), timeout_ms)
    for key in sorted(QUEUE_KEYS - RETRY_KEYS):
        if queue.has(key):
            queue.warn(f"{queue.place}.{key} is for event steps and ignored in cron steps", "remove it")
    queue.known(QUEUE_KEYS)
    return Infrastructure(read_retries(queue, replace(defaults, max_retries=0), timeout_s), timeout_ms)


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
