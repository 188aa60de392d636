"""Cron steps on the whole engine, with a fake clock: each due time once, whatever happens in between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime
from random import Random

import pytest

from motia_core.clock import LONGEST_SLEEP_S
from motia_core.engine import scheduler as scheduler_module
from motia_core.engine.scheduler import Scheduler
from motia_core.engine.ticks import DECIDED, Ticks
from motia_core.errors import StoreFullError, StoreUnavailableError, UnknownStepError
from motia_core.model.cron_config import one_at_a_time
from motia_core.model.event import Delivery
from motia_core.model.failure import Failure, FailureKind
from motia_core.model.ids import IdSource
from motia_core.model.invocation import CronTick, Done, Invocation, Outcome, Suspended
from motia_core.model.step import CatchUp, CronPolicy, Overlap, QueuePolicy, Step, StepType
from motia_core.model.trace import TraceSource
from motia_core.store.alone import Alone
from tests.fakes.engine import AT_ONCE, RAISED, Handler, World, running
from tests.fakes.sidecars import FakeClock, settle
from tests.fakes.store import FakeStore

NO_RETRIES = QueuePolicy(max_retries=0, backoff=AT_ONCE)
SECOND, MINUTE, HOUR = 1_000, 60_000, 3_600_000


def at(text: str, zone: str = "+00:00") -> int:
    return int(datetime.fromisoformat(f"2026-01-01T{text}{zone}").timestamp() * 1000)


def cron_step(
    cron: str = "0 * * * *", policy: CronPolicy | None = None, *, queue: QueuePolicy = NO_RETRIES, name: str = "Tick"
) -> Step:
    policy = policy or CronPolicy()
    return Step(
        name,
        name,
        f"steps/{name}_step.py",
        StepType.CRON,
        "python",
        "python",
        cron=cron,
        timezone="UTC",
        schedule=policy,
        queue=one_at_a_time(policy, queue),
    )


@dataclass
class Core:
    """A core with its scheduler."""

    world: World
    scheduler: Scheduler

    async def pass_time(self, ms: int) -> None:
        """The clock goes on, or back, and everybody looks at it."""
        await self.world.pass_time(ms)
        if self.scheduler._timer is not None:
            self.scheduler._wake()
        await settle()
        await self.world.pass_time(0)

    async def go_to(self, ms: int) -> None:
        await self.pass_time(ms - self.world.clock.ms)

    async def have_run(self) -> None:
        """Wait until something has, after real time has passed; then nothing more can."""
        async with asyncio.timeout(10):
            while not self.runs:
                await asyncio.sleep(0.001)
        await settle()

    @property
    def runs(self) -> list[int]:
        """The due times of the handlers that were run, in order."""
        return due_times(self.world.sidecars.invoked)


def due_times(invoked: list[Invocation]) -> list[int]:
    triggers = (invocation.trigger for invocation in invoked)
    return [trigger.scheduled_ms for trigger in triggers if isinstance(trigger, CronTick)]


@asynccontextmanager
async def core(
    *steps: Step,
    start: int = at("08:30"),
    store: FakeStore | None = None,
    handler: Handler | None = None,
    enabled: bool = True,
) -> AsyncIterator[Core]:
    steps = steps or (cron_step(),)
    async with running(*steps, store=store, handler=handler, clock=FakeClock(start)) as world:
        world.store.memory.clock = world.clock
        ids = IdSource(world.clock, max(world.store.memory.deliveries, default=0) + Random(start).getrandbits(20))
        traces = TraceSource(Random(1))
        ticks = Ticks(
            world.deliveries, world.store.queue, world.store.state, world.store.cluster, traces, ids, world.clock
        )
        scheduler = Scheduler(ticks, world.clock, world.log, enabled=enabled)
        scheduler.swap(steps)
        await settle()
        try:
            yield Core(world, scheduler)
        finally:
            scheduler.stop()
            await scheduler.finish(1)


# --- due times


def test_runs_when_due_and_only_then() -> None:
    async def scenario() -> None:
        async with core() as it:
            await it.go_to(at("08:59:59.999"))
            assert it.runs == []
            await it.go_to(at("09:00"))
            assert it.runs == [at("09:00")]
            await it.go_to(at("09:59"))
            await it.go_to(at("10:00:00.020"))
            assert it.runs == [at("09:00"), at("10:00")]
            assert await it.world.store.queue.backlogs() == []

    asyncio.run(scenario())


def test_runs_have_traces_of_their_own_and_one_attempt() -> None:
    async def scenario() -> None:
        async with core() as it:
            await it.go_to(at("09:00"))
            await it.go_to(at("10:00"))
            first, second = it.world.sidecars.invoked
            assert first.trace.trace_id != second.trace.trace_id
            assert (first.attempt, first.max_attempts, first.trace.parent_id) == (1, 1, 0)

    asyncio.run(scenario())


def test_a_real_timer_wakes_it() -> None:
    async def scenario() -> None:
        async with core(cron_step("* * * * * *"), start=at("09:00:00.980")) as it:
            it.world.clock.ms += 30
            await asyncio.sleep(0.05)
            assert it.runs == [at("09:00:01")]

    asyncio.run(scenario())


def test_the_timer_never_sleeps_longer_than_a_minute() -> None:
    async def scenario() -> None:
        async with core(cron_step("@yearly"), cron_step(name="Other")) as it:
            timer = it.scheduler._timer
            assert timer is not None
            assert timer.when() - asyncio.get_running_loop().time() <= LONGEST_SLEEP_S

    asyncio.run(scenario())


def test_due_times_that_pass_while_schedules_are_not_followed_are_of_no_concern() -> None:
    async def scenario() -> None:
        async with core(cron_step("0 * * * *", CronPolicy(catch_up=CatchUp.ALL)), enabled=False) as it:
            await it.go_to(at("10:30"))
            it.scheduler.enable(True)
            await settle()
            assert it.runs == []
            await it.go_to(at("11:00"))
            assert it.runs == [at("11:00")]
            it.scheduler.enable(False)
            await it.go_to(at("13:30"))
            it.scheduler.enable(True)
            await it.go_to(at("14:00"))
            assert it.runs == [at("11:00"), at("14:00")]

    asyncio.run(scenario())


def test_nothing_waits_where_there_is_no_cron_step() -> None:
    async def scenario() -> None:
        async with core() as it:
            it.scheduler.swap([])
            assert it.scheduler._timer is None
            await it.go_to(at("09:00"))
            assert it.runs == []

    asyncio.run(scenario())


def test_failed_run_is_a_dead_letter_without_a_retry() -> None:
    async def scenario() -> None:
        async with core(handler=lambda invocation: RAISED) as it:
            await it.go_to(at("09:00"))
            [letter] = await it.world.store.dead_letters.page()
            assert (letter.queue, letter.delivery.emitted_ms) == ("cron.Tick.dlq", at("09:00"))
            await it.go_to(at("10:00"))
            assert it.runs == [at("09:00"), at("10:00")]

    asyncio.run(scenario())


def test_failed_run_is_retried_when_the_step_says_so() -> None:
    async def scenario() -> None:
        outcomes = iter([RAISED, RAISED, Done()])
        step = cron_step(queue=QueuePolicy(max_retries=2, backoff=AT_ONCE))
        async with core(step, handler=lambda invocation: next(outcomes)) as it:
            await it.go_to(at("09:00"))
            assert it.world.attempts == [1, 2, 3]
            assert it.runs == [at("09:00")] * 3
            assert await it.world.store.dead_letters.page() == []

    asyncio.run(scenario())


# --- several cores


def test_cores_that_share_a_store_run_each_due_time_once() -> None:
    async def scenario() -> None:
        store = FakeStore()
        step = cron_step(policy=CronPolicy(Overlap.ALLOW))
        async with core(step, store=shared(store, 1)) as one, core(step, store=shared(store, 2)) as two:
            for text in ("09:00", "10:00", "11:00"):
                for it in (one, two) if text != "10:00" else (two, one):
                    await it.go_to(at(text))
            assert len(one.runs) == 2
            assert sorted(one.runs + two.runs) == [at("09:00"), at("10:00"), at("11:00")]

    asyncio.run(scenario())


def test_skipped_due_time_is_decided_by_one_core() -> None:
    async def scenario() -> None:
        store, gate = FakeStore(), asyncio.Event()
        async with core(store=store, handler=waiting_for(gate)) as one, core(store=store) as two:
            await one.go_to(at("09:00"))
            await one.go_to(at("10:00"))
            gate.set()
            await settle()
            await two.go_to(at("10:00:01"))
            assert (one.runs, two.runs) == ([at("09:00")], [])
            assert skips(one) + skips(two) == 1

    asyncio.run(scenario())


def waiting_for(gate: asyncio.Event) -> Handler:
    async def handler(invocation: Invocation) -> Outcome:
        await gate.wait()
        return Done()

    return handler


def skips(it: Core) -> int:
    return sum("is skipped" in message for message in it.world.log.messages("warn"))


# --- overlap


def test_skip_leaves_out_what_is_due_while_a_run_goes_on() -> None:
    async def scenario() -> None:
        gate = asyncio.Event()
        async with core(handler=waiting_for(gate)) as it:
            await it.go_to(at("09:00"))
            await it.go_to(at("10:00"))
            assert it.runs == [at("09:00")]
            assert it.world.log.messages("warn") == [
                "cron 'Tick' still runs: 2026-01-01 10:00:00 UTC is skipped (overlap: skip)"
            ]
            gate.set()
            await settle()
            await it.go_to(at("11:00"))
            assert it.runs == [at("09:00"), at("11:00")]

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "outcome",
    [
        Failure(FailureKind.APPLICATION, "later", retry_after_ms=0),
        Suspended("sleep:1", sleep_ms=2 * HOUR),
        Suspended("wait:1", topic="approved"),
    ],
)
def test_skip_counts_a_run_that_waits_as_going_on(outcome: Outcome) -> None:
    async def scenario() -> None:
        step = cron_step(queue=QueuePolicy(max_retries=1, backoff=replace(AT_ONCE, base_ms=2 * HOUR)))
        async with core(step, handler=lambda invocation: outcome) as it:
            await it.go_to(at("09:00"))
            await it.go_to(at("10:00"))
            assert it.runs == [at("09:00")]
            assert skips(it) == 1

    asyncio.run(scenario())


def test_queue_runs_them_one_after_the_other() -> None:
    async def scenario() -> None:
        gate = asyncio.Event()
        async with core(cron_step(policy=CronPolicy(Overlap.QUEUE)), handler=waiting_for(gate)) as it:
            for hour in ("09:00", "10:00", "11:00"):
                await it.go_to(at(hour))
            assert it.runs == [at("09:00")]
            gate.set()
            await settle()
            assert it.runs == [at("09:00"), at("10:00"), at("11:00")]

    asyncio.run(scenario())


def test_allow_runs_them_side_by_side() -> None:
    async def scenario() -> None:
        gate = asyncio.Event()
        async with core(cron_step(policy=CronPolicy(Overlap.ALLOW)), handler=waiting_for(gate)) as it:
            for hour in ("09:00", "10:00", "11:00"):
                await it.go_to(at(hour))
            assert it.world.deliveries.running == 3
            gate.set()

    asyncio.run(scenario())


# --- restarts and catching up


async def run_after_a_pause(step: Step, *, until: str, back: str) -> list[int]:
    """Due times that a second core runs when it starts, after a first that stopped."""
    store = FakeStore()
    async with core(step, store=store) as first:
        await first.go_to(at(until))
    async with core(step, store=store, start=at(back)) as second:
        return second.runs


@pytest.mark.parametrize(
    ("catch_up", "runs"),
    [(CatchUp.NONE, []), (CatchUp.ONCE, ["12:00"]), (CatchUp.ALL, ["10:00", "11:00", "12:00"])],
)
@pytest.mark.parametrize("overlap", Overlap)
def test_start_catches_up_with_what_no_core_ran(overlap: Overlap, catch_up: CatchUp, runs: list[str]) -> None:
    step = cron_step(policy=CronPolicy(overlap, catch_up))
    found = asyncio.run(run_after_a_pause(step, until="09:30", back="12:30"))
    assert found == [at(text) for text in runs]


def test_catching_up_goes_back_no_further_than_its_window() -> None:
    step = cron_step(policy=CronPolicy(catch_up=CatchUp.ALL, catch_up_window_ms=2 * HOUR))
    assert asyncio.run(run_after_a_pause(step, until="09:30", back="12:30")) == [at("11:00"), at("12:00")]


@pytest.mark.parametrize("catch_up", CatchUp)
def test_restart_repeats_nothing(catch_up: CatchUp) -> None:
    step = cron_step(policy=CronPolicy(catch_up=catch_up))
    assert asyncio.run(run_after_a_pause(step, until="10:00:01", back="10:00:02")) == []


@pytest.mark.parametrize("catch_up", CatchUp)
def test_quick_restart_loses_nothing(catch_up: CatchUp) -> None:
    step = cron_step(policy=CronPolicy(catch_up=catch_up))
    assert asyncio.run(run_after_a_pause(step, until="09:59:59", back="10:00:05")) == [at("10:00")]


def test_step_that_is_new_has_missed_nothing() -> None:
    async def scenario() -> None:
        async with core(cron_step(policy=CronPolicy(catch_up=CatchUp.ALL)), start=at("12:30")) as it:
            assert it.runs == []

    asyncio.run(scenario())


def test_due_time_between_the_first_start_and_the_second_was_missed() -> None:
    step = cron_step(policy=CronPolicy(catch_up=CatchUp.ONCE))
    assert asyncio.run(run_after_a_pause(step, until="08:45", back="09:45")) == [at("09:00")]


@pytest.mark.parametrize("catch_up", list(CatchUp))
def test_schedule_that_is_changed_begins_now(catch_up: CatchUp) -> None:
    async def scenario() -> None:
        policy = CronPolicy(catch_up=catch_up)
        store = FakeStore(FakeClock())
        async with core(cron_step(policy=policy), store=store) as it:
            await it.go_to(at("09:00"))
            await it.go_to(at("09:30:20"))
            it.scheduler.swap([cron_step("* * * * *", policy)])
            await settle()
            assert it.runs == [at("09:00")]
            assert it.world.log.messages("warn") == []
            await it.go_to(at("09:31"))
            assert it.runs == [at("09:00"), at("09:31")]
        async with core(cron_step("* * * * *", policy), store=store, start=at("09:31:10")) as it:
            assert it.runs == []

    asyncio.run(scenario())


def test_what_is_missed_is_said_once() -> None:
    async def scenario() -> None:
        store = FakeStore()
        async with core(store=store) as first:
            await first.go_to(at("09:00"))
        async with core(store=store, start=at("12:30")) as second:
            await second.go_to(at("12:45"))
            assert second.world.log.messages("info") == [
                "cron 'Tick' has missed its due times since 2026-01-01 10:00:00 UTC: "
                "they are not made up for (catchUp: none)"
            ]

    asyncio.run(scenario())


def test_run_that_a_crash_interrupted_is_run_again_by_the_next_core() -> None:
    async def scenario() -> None:
        store = FakeStore()
        async with core(store=store, handler=waiting_for(asyncio.Event())) as first:
            await first.go_to(at("09:00"))
            assert first.runs == [at("09:00")]
        async with core(store=store, start=at("09:10")) as second:
            assert second.runs == [at("09:00")]

    asyncio.run(scenario())


def test_what_users_write_into_the_group_does_not_stop_it() -> None:
    async def scenario() -> None:
        store = FakeStore()
        await store.state.set(DECIDED, "Tick", b'"x"', version=1)
        async with core(store=store) as it:
            await it.go_to(at("09:00"))
            assert it.runs == [at("09:00")]

    asyncio.run(scenario())


# --- clocks that jump


@pytest.mark.parametrize(
    ("catch_up", "runs"), [(CatchUp.NONE, []), (CatchUp.ONCE, ["11:00"]), (CatchUp.ALL, ["09:00", "10:00", "11:00"])]
)
def test_machine_that_slept_catches_up(catch_up: CatchUp, runs: list[str]) -> None:
    async def scenario() -> None:
        async with core(cron_step(policy=CronPolicy(catch_up=catch_up))) as it:
            await it.go_to(at("11:30"))
            assert it.runs == [at(text) for text in runs]
            await it.go_to(at("12:00"))
            assert it.runs[len(runs) :] == [at("12:00")]

    asyncio.run(scenario())


@pytest.mark.parametrize("catch_up", CatchUp)
def test_clock_that_is_set_back_runs_nothing_twice(catch_up: CatchUp) -> None:
    async def scenario() -> None:
        async with core(cron_step(policy=CronPolicy(catch_up=catch_up))) as it:
            for text in ("09:00", "10:00"):
                await it.go_to(at(text))
            await it.go_to(at("08:45"))  # back
            for text in ("09:00", "09:30", "10:00", "11:00"):
                await it.go_to(at(text))
            assert it.runs == [at("09:00"), at("10:00"), at("11:00")]

    asyncio.run(scenario())


def test_clock_that_is_set_back_does_not_stop_what_was_never_run() -> None:
    async def scenario() -> None:
        async with core() as it:
            await it.go_to(at("23:30"))  # by mistake
            await it.go_to(at("08:45"))
            await it.go_to(at("09:00"))
            assert it.runs == [at("09:00")]

    asyncio.run(scenario())


def test_restart_after_the_clock_was_set_back() -> None:
    async def scenario() -> None:
        store = FakeStore()
        async with core(store=store) as first:
            for text in ("09:00", "10:00"):
                await first.go_to(at(text))
        async with core(store=store, start=at("08:45")) as second:
            for text in ("09:00", "10:00", "11:00"):
                await second.go_to(at(text))
            assert second.runs == [at("11:00")]

    asyncio.run(scenario())


# --- a store that fails


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduler_module, "STORE_RETRY_S", 0.001)


@pytest.mark.usefixtures("impatient")
def test_due_time_is_kept_until_the_store_takes_it() -> None:
    async def scenario() -> None:
        async with core() as it:
            it.world.store.memory.failing = StoreFullError()
            await it.go_to(at("09:00"))
            await asyncio.sleep(0.01)
            assert it.runs == []
            it.world.store.memory.failing = None
            await it.have_run()
            assert it.runs == [at("09:00")]

    asyncio.run(scenario())


@pytest.mark.usefixtures("impatient")
def test_answer_that_is_lost_loses_no_run() -> None:
    async def scenario() -> None:
        async with core() as it:
            lost = iter([StoreUnavailableError()])

            async def lose(method: str) -> None:
                if method == "FakeQueue.commit" and (error := next(lost, None)):
                    raise error

            it.world.store.memory.after = lose
            await it.go_to(at("09:00"))
            await it.have_run()
            assert it.runs == [at("09:00")]

    asyncio.run(scenario())


# --- jitter


def test_jitter_delays_the_start_but_not_the_due_time() -> None:
    async def scenario() -> None:
        async with core(cron_step(policy=CronPolicy(jitter_ms=MINUTE))) as it:
            await it.go_to(at("09:00"))
            assert it.runs == []
            [delivery] = it.world.store.memory.deliveries.values()
            assert at("09:00") < delivery.due_ms <= at("09:01")
            await it.go_to(at("09:01"))
            assert it.runs == [at("09:00")]

    asyncio.run(scenario())


# --- swaps


def test_swap_follows_the_new_schedule_and_keeps_what_stays() -> None:
    async def scenario() -> None:
        steps = (cron_step(name="Stays"), cron_step(name="Changes"), cron_step(name="Goes"))
        async with core(*steps) as it:
            it.scheduler.swap([steps[0], replace(steps[1], cron="30 * * * *")])
            await it.go_to(at("09:00"))
            await it.go_to(at("09:30"))
            runs = {
                (invocation.step.name, due) for invocation, due in zip(it.world.sidecars.invoked, it.runs, strict=True)
            }
            assert runs == {("Stays", at("09:00")), ("Changes", at("09:30"))}

    asyncio.run(scenario())


def test_stop_lets_nothing_more_begin() -> None:
    async def scenario() -> None:
        async with core() as it:
            it.scheduler.stop()
            assert it.scheduler._timer is None
            await it.go_to(at("09:00"))
            assert it.runs == []

    asyncio.run(scenario())


# --- run now, and what is next


def test_run_now_has_its_own_trace_and_leaves_the_schedule_alone() -> None:
    async def scenario() -> None:
        async with core() as it:
            trace_id = await it.scheduler.run_now("Tick")
            await settle()
            assert it.runs == [at("08:30")]
            assert it.world.sidecars.invoked[0].trace.trace_id == trace_id
            await it.go_to(at("09:00"))
            assert it.runs == [at("08:30"), at("09:00")]

    asyncio.run(scenario())


def test_run_now_never_runs_beside_another_run() -> None:
    async def scenario() -> None:
        gate = asyncio.Event()
        async with core(handler=waiting_for(gate)) as it:
            await it.go_to(at("09:00"))
            await it.scheduler.run_now("Tick")
            await settle()
            assert it.world.deliveries.running == 1
            gate.set()
            await settle()
            assert len(it.runs) == 2

    asyncio.run(scenario())


def test_run_now_of_a_step_that_is_none_says_which_there_are() -> None:
    async def scenario() -> None:
        async with core() as it:
            with pytest.raises(UnknownStepError, match=r"no cron step 'Tock'; there are 'Tick'\."):
                await it.scheduler.run_now("Tock")

    asyncio.run(scenario())


def test_upcoming_are_the_next_five() -> None:
    async def scenario() -> None:
        async with core() as it:
            await it.go_to(at("09:00"))
            [info] = it.scheduler.upcoming()
            assert info.next_ms == tuple(at(f"{hour}:00") for hour in range(10, 15))
            assert info.last_ms == at("09:00")

    asyncio.run(scenario())


def test_schedules_that_are_off_run_only_when_told_to() -> None:
    async def scenario() -> None:
        async with core(enabled=False) as it:
            await it.go_to(at("09:00"))
            assert it.runs == []
            assert it.scheduler.upcoming()[0].next_ms == ()
            await it.scheduler.run_now("Tick")
            await settle()
            assert it.runs == [at("09:00")]

    asyncio.run(scenario())


# --- all of it at once


class OneOfTwo(Alone):
    """The cluster of a core that runs what it has made, and is the home of no step."""

    def __init__(self, shard: int) -> None:
        self.shard = shard
        self.shards = (shard,)

    def is_home(self, step_id: str) -> bool:
        return False


def stored(store: FakeStore) -> list[Delivery]:
    return list(store.memory.deliveries.values())


def shared(store: FakeStore, shard: int) -> FakeStore:
    """A store as one of the cores that share it has it."""
    own = copy(store)
    own.cluster = OneOfTwo(shard)
    return own


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("seed", range(60))
def test_whatever_happens_each_due_time_runs_once(seed: int) -> None:
    """Clocks that go on and jump, cores that restart, answers that are lost; one core, or two with one store."""
    random = Random(seed)
    number = random.choice([1, 2])
    step = cron_step("*/20 * * * *", CronPolicy(Overlap.QUEUE if number == 1 else Overlap.ALLOW, CatchUp.ALL))
    store, runs, latest = FakeStore(), list[int](), at("08:30")
    stores = [store] if number == 1 else [shared(store, 1), shared(store, 2)]

    async def lose(method: str) -> None:
        if method == "FakeQueue.commit" and random.random() < 0.2:
            raise StoreUnavailableError

    async def life(own: FakeStore, start: int) -> int:
        """A core from its start to its end; what its clock says then."""
        nonlocal latest
        async with core(step, store=own, start=start) as it:
            for _ in range(random.randint(0, 6)):
                await it.pass_time(random.choice([20, MINUTE, 20 * MINUTE, 90 * MINUTE, -30 * MINUTE]))
                latest = max(latest, it.world.clock.ms)
                await asyncio.sleep(random.choice([0, 0.002]))
        runs.extend(it.runs)
        return it.world.clock.ms

    async def scenario() -> None:
        store.memory.after = lose
        clocks = [at("08:30")] * number
        for _ in range(4):
            clocks = await asyncio.gather(*(life(*each) for each in zip(stores, clocks, strict=True)))
        for own in stores:
            async with core(step, store=own, start=latest) as it:
                while it.scheduler._timer is None or any(one.shard == own.cluster.shard for one in stored(store)):
                    await asyncio.sleep(0.001)
            runs.extend(it.runs)

    asyncio.run(scenario())
    assert len(set(runs)) == len(runs)
    # a clock that was set back to before the start may show a due time that nobody has run yet
    assert sorted(due_ms for due_ms in runs if due_ms > at("08:30")) == [*range(at("08:40"), latest + 1, 20 * MINUTE)]


# --- pausing


@pytest.mark.parametrize("catch_up", [CatchUp.NONE, CatchUp.ALL])
def test_due_times_of_a_paused_step_pass_for_good(catch_up: CatchUp) -> None:
    async def scenario() -> None:
        step = cron_step(policy=CronPolicy(catch_up=catch_up))
        async with core(step) as it:
            await it.go_to(at("09:00"))
            it.scheduler.pause(frozenset({"Tick"}))
            await it.go_to(at("10:00"))
            await it.go_to(at("11:30"))
            assert it.scheduler.upcoming()[0].is_paused
            it.scheduler.pause(frozenset())
            await settle()
            assert it.runs == [at("09:00")]
            store = it.world.store
        async with core(step, start=at("11:45"), store=store) as it:
            assert it.runs == [], "a start makes up for nothing of it either"
            await it.go_to(at("12:00"))
            assert it.runs == [at("12:00")]

    asyncio.run(scenario())


def test_a_paused_step_can_be_run_by_hand() -> None:
    async def scenario() -> None:
        async with core() as it:
            it.scheduler.pause(frozenset({"Tick"}))
            await it.scheduler.run_now("Tick")
            await settle()
            assert it.runs == [at("08:30")]

    asyncio.run(scenario())
