"""The queue section of event and cron steps, and what a cron step says about its schedule."""

from __future__ import annotations

import pytest

from motia_core.model.queue_config import queue_defaults
from motia_core.model.step import Backoff, CatchUp, CronPolicy, Overlap, QueuePolicy, RateLimit
from motia_core.settings import QueueSettings
from tests.unit.model.test_step_config import API, CRON, EVENT, NOOP, fine, the_error, the_warning


def policy(**queue: object) -> QueuePolicy:
    return fine({**EVENT, "queue": queue}).queue


def test_every_key_is_read() -> None:
    assert policy(
        type="standard",
        maxRetries=8,
        backoff={"type": "exponential", "delay": 1, "max": "10m", "jitter": 0.2},
        visibilityTimeout=60,
        delaySeconds=0.5,
        concurrency=4,
        concurrencyKey="customer.id",
        keyConcurrency=2,
        rateLimit={"limit": 100, "per": 60},
        priority=-3,
    ) == QueuePolicy(
        max_retries=8,
        backoff=Backoff(True, 1_000, 600_000, 0.2),
        visibility_timeout_s=60,
        delay_s=0.5,
        concurrency=4,
        concurrency_is_own=True,
        concurrency_key=("customer", "id"),
        key_concurrency=2,
        rate_limit=RateLimit(100, 60_000),
        priority=-3,
    )


def test_event_step_that_says_nothing_has_the_defaults() -> None:
    assert policy() == QueuePolicy()
    assert not policy().needs_home


def test_infrastructure_takes_the_new_keys_too() -> None:
    assert fine({**EVENT, "infrastructure": {"queue": {"priority": 5}}}).queue.priority == 5


@pytest.mark.parametrize(
    ("queue", "backoff"),
    [
        ({"backoff": "fixed"}, Backoff()),
        ({"backoff": "exponential"}, Backoff(True)),
        ({"retryDelay": 5}, Backoff(base_ms=5_000)),
        ({"retryDelay": 0}, Backoff(base_ms=0)),
        ({"retryDelay": "250ms", "backoff": "exponential"}, Backoff(True, 250)),
        ({"backoff": {"type": "fixed", "delay": 0.5}}, Backoff(base_ms=500)),
        ({"retryDelay": 5, "backoff": {"type": "exponential", "delay": 1}}, Backoff(True, 1_000)),
        ({"retryDelay": 5, "backoff": {"type": "exponential", "max": 5}}, Backoff(True, 5_000, 5_000)),
        ({"backoff": {"type": "exponential", "jitter": 1}}, Backoff(True, jitter=1)),
    ],
)
def test_backoff(queue: dict[str, object], backoff: Backoff) -> None:
    assert policy(**queue).backoff == backoff


@pytest.mark.parametrize(
    ("rate", "limit"),
    [
        ("100/m", RateLimit(100, 60_000)),
        (" 10 / s ", RateLimit(10, 1_000)),
        ("1000/h", RateLimit(1_000, 3_600_000)),
        ("1/d", RateLimit(1, 86_400_000)),
        ({"limit": 5, "per": "90s"}, RateLimit(5, 90_000)),
        ({"limit": 5, "per": 0.5}, RateLimit(5, 500)),
    ],
)
def test_rate_limit(rate: object, limit: RateLimit) -> None:
    assert policy(rateLimit=rate).rate_limit == limit


def test_concurrency_is_the_steps_own_only_when_it_says_so() -> None:
    assert policy(concurrency=10).needs_home
    assert not policy(maxRetries=1).needs_home


@pytest.mark.parametrize(
    ("queue", "cause", "remedy"),
    [
        ({"backoff": "linear"}, "config.queue.backoff must be 'fixed' or 'exponential'", "'exponential'"),
        ({"backoff": "exponental"}, 'found the string "exponental"', "did you mean exponential?"),
        ({"backoff": 5}, "found the number 5", "backoff: 'exponential'"),
        ({"backoff": {}}, "config.queue.backoff.type is missing", "type: 'exponential'"),
        ({"backoff": {"type": "fixed", "delay": -1}}, "config.queue.backoff.delay must be a number of seconds", "30s"),
        ({"backoff": {"type": "fixed", "jitter": 2}}, "jitter must be a number from 0 to 1", "jitter: 1"),
        ({"backoff": {"type": "exponential", "delay": 9, "max": 5}}, "max (5s) is below the first delay (9s)", "9s"),
        ({"retryDelay": "soon"}, 'from 0s to 366d, found the string "soon"', "retryDelay: 30"),
        ({"retryDelay": True}, "found true", "retryDelay: '30s'"),
        ({"retryDelay": float("inf")}, "found the number inf", "retryDelay"),
        ({"priority": 101}, "a whole number from -100 to 100", "priority"),
        ({"priority": 0.5}, "a whole number", "priority"),
        ({"concurrencyKey": ""}, "a path into the data", "concurrencyKey: 'customer.id'"),
        ({"concurrencyKey": "a..b"}, "a path into the data", "concurrencyKey"),
        ({"concurrencyKey": ["a"]}, "must be a string, found a list", "concurrencyKey"),
        ({"concurrencyKey": "a", "keyConcurrency": 0}, "at least 1", "keyConcurrency"),
        ({"concurrencyKey": "a", "type": "fifo"}, "do not go together", "remove one"),
        ({"rateLimit": 10}, "a number per s, m, h or d", "rateLimit: '100/m'"),
        ({"rateLimit": "0/s"}, 'found the string "0/s"', "rateLimit"),
        ({"rateLimit": "10/w"}, 'found the string "10/w"', "rateLimit"),
        ({"rateLimit": {"limit": 10}}, "config.queue.rateLimit.per is missing", "per: 60"),
        ({"rateLimit": {"per": 10}}, "config.queue.rateLimit.limit is missing", "limit: 100"),
        ({"rateLimit": {"limit": 0, "per": 1}}, "at least 1", "limit"),
        ({"rateLimit": {"limit": 1, "per": 0}}, "from 1ms to 366d, found the number 0", "per"),
    ],
)
def test_error_names_key_finding_and_remedy(queue: dict[str, object], cause: str, remedy: str) -> None:
    problem = the_error({**EVENT, "queue": queue})
    assert cause in problem.cause
    assert remedy in problem.remedy


@pytest.mark.parametrize(
    ("queue", "cause"),
    [
        ({"keyConcurrency": 2}, "config.queue.keyConcurrency does nothing without concurrencyKey"),
        ({"backOff": "fixed"}, "config.queue.backOff is not known"),
        ({"rateLimit": {"limit": 1, "per": 1, "burst": 2}}, "config.queue.rateLimit.burst is not known"),
        ({"backoff": {"type": "fixed", "cap": 2}}, "config.queue.backoff.cap is not known"),
    ],
)
def test_key_without_effect_is_a_warning(queue: dict[str, object], cause: str) -> None:
    _, problem = the_warning({**EVENT, "queue": queue})
    assert cause in problem.cause
    assert problem.remedy


def test_defaults_are_those_of_the_settings() -> None:
    assert queue_defaults(QueueSettings()) == QueuePolicy()
    settings = QueueSettings(5, "exponential", 1_000, 9_000, 25, 3)
    assert queue_defaults(settings) == QueuePolicy(
        max_retries=5, backoff=Backoff(True, 1_000, 9_000, 0.25), concurrency=3
    )


# --- cron


def test_cron_step_retries_only_when_it_says_so() -> None:
    assert fine(CRON).queue.max_attempts == 1
    queue = fine({**CRON, "queue": {"maxRetries": 2, "retryDelay": 1}}).queue
    assert (queue.max_attempts, queue.backoff) == (3, Backoff(base_ms=1_000))
    assert fine({**CRON, "infrastructure": {"queue": {"maxRetries": 1}}}).queue.max_retries == 1


@pytest.mark.parametrize("key", ["type", "concurrency", "rateLimit", "concurrencyKey", "delaySeconds", "priority"])
def test_cron_step_has_no_other_queue_keys(key: str) -> None:
    _, problem = the_warning({**CRON, "queue": {key: 5}})
    assert problem.cause == f"config.queue.{key} is for event steps and ignored in cron steps"


def test_cron_policy_is_read() -> None:
    said = {"overlap": "queue", "catchUp": "all", "catchUpWindow": "2h", "jitter": 30}
    assert fine({**CRON, **said}).schedule == CronPolicy(Overlap.QUEUE, CatchUp.ALL, 7_200_000, 30_000)
    assert fine(CRON).schedule == CronPolicy()


@pytest.mark.parametrize(("overlap", "at_once"), [("skip", 1), ("queue", 1), ("allow", 10)])
def test_runs_that_may_not_overlap_are_one_at_a_time_over_all_cores(overlap: str, at_once: int) -> None:
    queue = fine({**CRON, "overlap": overlap}).queue
    assert queue.concurrency == at_once
    assert queue.needs_home == (overlap != "allow")


@pytest.mark.parametrize(
    ("said", "cause", "remedy"),
    [
        ({"overlap": "skipp"}, "config.overlap must be 'skip', 'queue' or 'allow'", "did you mean skip?"),
        ({"overlap": True}, "found true", "overlap: 'allow'"),
        ({"catchUp": "yes"}, "config.catchUp must be 'none', 'once' or 'all'", "catchUp: 'all'"),
        ({"catchUp": "all", "catchUpWindow": 0}, "from 1s to 366d", "catchUpWindow"),
        ({"jitter": "2d"}, "from 0s to 1d", "jitter"),
    ],
)
def test_error_of_a_cron_policy(said: dict[str, object], cause: str, remedy: str) -> None:
    problem = the_error({**CRON, **said})
    assert cause in problem.cause
    assert remedy in problem.remedy


def test_window_without_catch_up_is_a_warning() -> None:
    _, problem = the_warning({**CRON, "catchUpWindow": "1h"})
    assert "does nothing without catchUp" in problem.cause


# --- atomic and waitsFor


@pytest.mark.parametrize("config", [API, EVENT, CRON])
def test_atomic(config: dict[str, object]) -> None:
    assert fine({**config, "atomic": True}).atomic
    assert not fine(config).atomic
    assert "config.atomic must be true or false" in the_error({**config, "atomic": "yes"}).cause


@pytest.mark.parametrize("config", [EVENT, CRON])
def test_topics_that_are_waited_for(config: dict[str, object]) -> None:
    assert fine({**config, "waitsFor": ["a", "b"]}).waits_for == ("a", "b")
    assert "an empty topic" in the_error({**config, "waitsFor": [""]}).cause
    assert "must be a list of strings" in the_error({**config, "waitsFor": "a"}).cause


@pytest.mark.parametrize(("config", "key"), [(API, "waitsFor"), (NOOP, "atomic"), (NOOP, "waitsFor"), (API, "overlap")])
def test_key_of_another_type_is_a_warning(config: dict[str, object], key: str) -> None:
    _, problem = the_warning({**config, key: True})
    assert f"config.{key} is for" in problem.cause
