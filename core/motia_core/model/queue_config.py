"""A step's queue section, config.queue or config.infrastructure.queue: how events reach the step."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from motia_core.model.config import Config
from motia_core.model.duration import UNITS_MS, write_duration
from motia_core.model.step import Backoff, QueuePolicy, RateLimit
from motia_core.model.wording import UNLIMITED
from motia_core.settings import QueueSettings

LONGEST_DELAY_S = 900
LONGEST_MS = 366 * UNITS_MS["d"]  # of what has no limit of its own
MOST_PRIORITY = 100
RETRY_KEYS = frozenset({"maxRetries", "backoff", "retryDelay", "visibilityTimeout"})  # for cron steps, too
QUEUE_KEYS = RETRY_KEYS | {
    "type",
    "delaySeconds",
    "concurrency",
    "concurrencyKey",
    "keyConcurrency",
    "rateLimit",
    "priority",
}
BACKOFFS = ("fixed", "exponential")
BACKOFF_KEYS = frozenset({"type", "delay", "max", "jitter"})
RATE_KEYS = frozenset({"limit", "per"})
RATE_EXAMPLE = "rateLimit: '100/m' or {limit: 100, per: 60}"
_RATE = re.compile(r"\s*(\d{1,9})\s*/\s*([smhd])\s*", re.ASCII)


def queue_defaults(settings: QueueSettings) -> QueuePolicy:
    """The policy of an event step that says nothing."""
    return QueuePolicy(
        max_retries=settings.max_retries,
        backoff=Backoff(
            settings.backoff == "exponential",
            settings.retry_delay_ms,
            settings.max_retry_delay_ms,
            settings.retry_jitter_percent / 100,
        ),
        concurrency=settings.concurrency,
    )


def read_queue(queue: Config, defaults: QueuePolicy, timeout_s: float) -> QueuePolicy:
    """The policy of an event step.

    Args:
        queue: The section.
        defaults: What counts where it says nothing.
        timeout_s: Of the handler; 0: none.
    """
    queue.known(QUEUE_KEYS)
    delay_s = queue.number("delaySeconds", 0, LONGEST_DELAY_S, unit="seconds")
    concurrency = queue.number("concurrency", 1, UNLIMITED, whole=True)
    key_concurrency = queue.number("keyConcurrency", 1, UNLIMITED, whole=True)
    policy = replace(
        read_retries(queue, defaults, timeout_s),
        fifo=queue.choice("type", ("standard", "fifo")) == "fifo",
        delay_s=defaults.delay_s if delay_s is None else delay_s,
        concurrency=defaults.concurrency if concurrency is None else int(concurrency),
        concurrency_is_own=concurrency is not None,
        concurrency_key=_key(queue),
        key_concurrency=int(key_concurrency or 1),
        rate_limit=_rate(queue),
        priority=int(queue.number("priority", -MOST_PRIORITY, MOST_PRIORITY, whole=True) or 0),
    )
    if policy.fifo and policy.concurrency_key:
        queue.error(
            f"{queue.place}.concurrencyKey and type 'fifo' do not go together",
            "remove one of them: a fifo queue runs the events of a messageGroupId one after the other",
        )
    if key_concurrency is not None and not queue.has("concurrencyKey"):
        queue.warn(f"{queue.place}.keyConcurrency does nothing without concurrencyKey", "add concurrencyKey")
    return policy


def read_retries(queue: Config, defaults: QueuePolicy, timeout_s: float) -> QueuePolicy:
    """The defaults with what the section says about attempts that fail."""
    retries = queue.number("maxRetries", 0, UNLIMITED, whole=True)
    visibility_s = queue.number("visibilityTimeout", 0, UNLIMITED, unit="seconds")
    if visibility_s is not None and timeout_s and visibility_s <= timeout_s:
        queue.error(
            f"infrastructure.queue.visibilityTimeout ({visibility_s:g} s) must be above "
            f"infrastructure.handler.timeout ({timeout_s:g} s)",
            f"write visibilityTimeout: {timeout_s + 1:g} or more",
        )
    return replace(
        defaults,
        max_retries=defaults.max_retries if retries is None else int(retries),
        backoff=_backoff(queue, defaults.backoff),
        visibility_timeout_s=visibility_s or defaults.visibility_timeout_s,
    )


def _backoff(queue: Config, defaults: Backoff) -> Backoff:
    delay_ms = queue.duration("retryDelay", 0, LONGEST_MS)
    backoff = defaults if delay_ms is None else replace(defaults, base_ms=delay_ms)
    value = queue.value("backoff")
    if value is None:
        return backoff
    if not isinstance(value, Mapping):
        kind = queue.choice("backoff", BACKOFFS)
        return replace(backoff, exponential=kind == "exponential")
    section = queue.section("backoff")
    section.known(BACKOFF_KEYS)
    kind = section.choice("type", BACKOFFS)
    if not section.has("type"):
        section.missing("type", "how the delay goes on", "type: 'exponential'")
    own_ms, max_ms = section.duration("delay", 0, LONGEST_MS), section.duration("max", 1, LONGEST_MS)
    jitter = section.number("jitter", 0, 1)
    backoff = Backoff(
        kind == "exponential",
        backoff.base_ms if own_ms is None else own_ms,
        backoff.max_ms if max_ms is None else max_ms,
        backoff.jitter if jitter is None else jitter,
    )
    if max_ms is not None and max_ms < backoff.base_ms:
        longest, first = write_duration(max_ms), write_duration(backoff.base_ms)
        section.error(f"{section.place}.max ({longest}) is below the first delay ({first})", f"write max: '{first}'")
    return backoff


def _key(queue: Config) -> tuple[str, ...]:
    example = "concurrencyKey: 'customer.id'"
    names = tuple(queue.text("concurrencyKey", example).split("."))
    if queue.has("concurrencyKey") and isinstance(queue.value("concurrencyKey"), str) and "" in names:
        queue.wrong("concurrencyKey", "a path into the data", example)
    return () if "" in names else names


def _rate(queue: Config) -> RateLimit | None:
    value = queue.value("rateLimit")
    if value is None:
        return None
    if isinstance(value, Mapping):
        section = queue.section("rateLimit")
        section.known(RATE_KEYS)
        limit = section.number("limit", 1, UNLIMITED, whole=True)
        per_ms = section.duration("per", 1, LONGEST_MS)
        for key, example in (("limit", "limit: 100"), ("per", "per: 60")):
            if not section.has(key):
                section.missing(key, "a rate is so many in so long", example)
        return RateLimit(int(limit), per_ms) if limit is not None and per_ms is not None else None
    match = _RATE.fullmatch(value) if isinstance(value, str) else None
    if match is None or int(match[1]) == 0:
        queue.wrong("rateLimit", "a number per s, m, h or d, or an object with limit and per", RATE_EXAMPLE)
        return None
    return RateLimit(int(match[1]), UNITS_MS[match[2]])
