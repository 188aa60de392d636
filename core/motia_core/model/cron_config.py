"""What a cron step's config says about its schedule, and how it is followed."""

from __future__ import annotations

from dataclasses import replace

from motia_core.model.config import Config
from motia_core.model.duration import UNITS_MS
from motia_core.model.schedule import Schedule, ScheduleError
from motia_core.model.step import CatchUp, CronPolicy, Overlap, QueuePolicy

CRON_KEYS = frozenset({"cron", "schedule", "timezone", "overlap", "catchUp", "catchUpWindow", "jitter"})
LONGEST_WINDOW_MS = 366 * UNITS_MS["d"]
LONGEST_JITTER_MS = UNITS_MS["d"]


def read_schedule(config: Config) -> tuple[str, str]:
    """Cron expression and time zone."""
    example = "cron: '0 9 * * *'"
    cron, schedule = config.text("cron", example), config.text("schedule", "schedule: '0 9 * * *'")
    zone = config.text("timezone", "timezone: 'Europe/Berlin'")
    if cron and schedule and cron != schedule:
        config.warn(f"config.cron and config.schedule differ: {cron!r} is used", "remove one of them")
    expression = cron or schedule
    if not config.has("cron") and not config.has("schedule"):
        config.missing("cron", "when the step runs", example)
    elif config.is_usable:
        try:
            Schedule.parse(expression, zone)
        except ScheduleError as error:
            config.error(str(error), f"write for example {example}")
    return expression, zone


def read_cron_policy(config: Config) -> CronPolicy:
    """What happens to due times that come too early, too late, or all at once."""
    overlap = config.choice("overlap", tuple(Overlap))
    catch_up = config.choice("catchUp", tuple(CatchUp))
    window_ms = config.duration("catchUpWindow", UNITS_MS["s"], LONGEST_WINDOW_MS)
    policy = CronPolicy(
        Overlap(overlap) if overlap else Overlap.SKIP,
        CatchUp(catch_up) if catch_up else CatchUp.NONE,
        jitter_ms=config.duration("jitter", 0, LONGEST_JITTER_MS) or 0,
    )
    if window_ms is None:
        return policy
    if policy.catch_up is CatchUp.NONE:
        config.warn("config.catchUpWindow does nothing without catchUp", "add catchUp: 'once'")
    return replace(policy, catch_up_window_ms=window_ms)


def one_at_a_time(policy: CronPolicy, queue: QueuePolicy) -> QueuePolicy:
    """The queue of a cron step: over all cores, one run at a time unless they may overlap."""
    if policy.overlap is Overlap.ALLOW:
        return queue
    return replace(queue, concurrency=1, concurrency_is_own=True)
