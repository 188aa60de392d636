"""The store's process as the core sees it: beside a busy loop, when it dies, and at the end."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import StrEnum
from pathlib import Path

import pytest

from motia_core.errors import InternalError, StoreUnavailableError
from motia_core.model.effects import Effects
from motia_core.model.event import Signal
from motia_core.model.recording import Details
from motia_core.settings import Settings, TracingSettings
from motia_core.store import Store, open_store
from tests.fakes.values import a_delivery, a_failure, an_attempt


@asynccontextmanager
async def opened(project: Path, **settings: int) -> AsyncIterator[Store]:
    store = await open_store(Settings(project=project, tracing=TracingSettings(**settings)))  # type: ignore[arg-type]  # only the bounds
    try:
        yield store
    finally:
        await store.close()


async def ids(store: Store) -> list[int]:
    return [delivery.id for delivery in await store.queue.read_due("Work", [0], after=(-1, 0), limit=10_000)]


def test_busy_loop_does_not_starve_the_store(tmp_path: Path) -> None:
    turns = 0

    async def keep_busy() -> None:
        nonlocal turns
        while True:
            until = time.perf_counter() + 0.001
            while time.perf_counter() < until:  # never lets go of the GIL by itself
                pass
            turns += 1
            await asyncio.sleep(0)

    async def scenario() -> None:
        async with opened(tmp_path) as store:
            await store.queue.enqueue([a_delivery(1)])
            busy = asyncio.create_task(keep_busy())
            for number in range(2, 12):
                await store.queue.enqueue([a_delivery(number)])
                assert await store.state.get("g", "k") is None
            busy.cancel()

    asyncio.run(scenario())
    assert turns < 1_000  # some 60; a thread would need thousands


def test_process_that_died_is_replaced_and_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with opened(tmp_path) as store:
            await store.queue.enqueue([a_delivery(1)])
            first = store.pid
            os.kill(first, signal.SIGKILL)
            with pytest.raises(StoreUnavailableError):
                for number in range(2, 100_000):
                    await store.queue.enqueue([a_delivery(number)])
            acknowledged = range(1, number)
            while True:
                try:
                    stored = await ids(store)
                    break
                except StoreUnavailableError:
                    await asyncio.sleep(0.01)
            assert stored[: len(acknowledged)] == list(acknowledged)
            assert store.pid != first
            await store.queue.enqueue([a_delivery(200_000)])

    asyncio.run(scenario())


def test_close_right_after_the_process_died_ends(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with opened(tmp_path) as store:
            os.kill(store.pid, signal.SIGKILL)
            await asyncio.sleep(0)

    asyncio.run(scenario())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_meant_for_the_core_do_not_end_the_process(tmp_path: Path, number: signal.Signals) -> None:
    async def scenario() -> None:
        async with opened(tmp_path) as store:
            await store.state.set("g", "k", b"1", version=1)
            first = store.pid
            os.kill(first, number)
            for _ in range(20):
                await store.state.set("g", "k", b"2", version=2)
            assert store.pid == first

    asyncio.run(scenario())


def test_close_finishes_what_was_asked(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with opened(tmp_path) as store:
            async with asyncio.TaskGroup() as group:
                for number in range(1, 501):
                    group.create_task(store.queue.enqueue([a_delivery(number)]))
                await asyncio.sleep(0)
            store.traces.record([an_attempt(7)])
        with pytest.raises(StoreUnavailableError):
            await store.queue.complete(a_delivery(1))
        store.traces.record([an_attempt(8)])
        assert store.traces.dropped == 1
        async with opened(tmp_path) as store:
            assert len(await ids(store)) == 500
            assert [attempt.id for attempt in await store.traces.recent()] == [7]
            assert store.highest_id == 500

    asyncio.run(scenario())


def test_caller_that_stops_waiting_harms_nobody(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with opened(tmp_path) as store:
            leaving = [asyncio.create_task(store.queue.enqueue([a_delivery(number)])) for number in range(1, 9)]
            staying = asyncio.create_task(store.queue.enqueue([a_delivery(9)]))
            await asyncio.sleep(0)
            for task in leaving:
                task.cancel()
            await staying
            assert 9 in await ids(store)

    asyncio.run(scenario())


def test_wrong_values_fail_their_callers_only(tmp_path: Path) -> None:
    class Odd(StrEnum):
        STEP = "step"

    async def scenario() -> None:
        async with opened(tmp_path) as store:
            answers = await asyncio.gather(
                store.state.set("g", "1", b"1", version=1),
                store.state.set("g", Odd.STEP, b"1", version=1),
                store.state.set("g", "\ud800", b"1", version=1),
                store.queue.enqueue([a_delivery(2**70)]),
                store.state.set("g", "2", b"2", version=1),
                return_exceptions=True,
            )
            assert [type(answer) for answer in answers] == [type(None), *[InternalError] * 3, type(None)]
            assert await store.state.get_group("g") == [("1", b"1"), ("2", b"2")]

    asyncio.run(scenario())


def test_enqueue_is_all_or_nothing(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with opened(tmp_path) as store:
            await store.queue.enqueue([a_delivery(1)])
            answers = await asyncio.gather(
                store.queue.enqueue([a_delivery(2), a_delivery(1)]),
                store.queue.enqueue([a_delivery(3)]),
                return_exceptions=True,
            )
            assert isinstance(answers[0], InternalError)
            assert answers[1] is None
            assert await ids(store) == [1, 3]

    asyncio.run(scenario())


def test_highest_id_looks_everywhere(tmp_path: Path) -> None:
    async def scenario() -> None:
        for number, keep in enumerate((0, 5, 6, 7, 8)):
            async with opened(tmp_path) as store:
                assert store.highest_id == keep
                if number == 0:
                    await store.queue.enqueue([a_delivery(5)])
                elif number == 1:
                    await store.queue.enqueue([a_delivery(6)])
                    await store.queue.bury(a_delivery(6), a_failure(), 1)
                elif number == 2:
                    await store.queue.commit(Effects(signals=[Signal(7, "paid", b"", 1)]))
                else:
                    store.traces.record([an_attempt(8)])

    asyncio.run(scenario())


def test_recorded_attempts_are_bounded_by_count(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with opened(tmp_path, max_attempts=100) as store:
            for number in range(1, 501):
                store.traces.record([an_attempt(number)])
            kept = [attempt.id for attempt in await store.traces.recent(limit=1_000)]
            assert kept == list(range(500, 500 - len(kept), -1))
            assert 100 <= len(kept) <= 105
            assert store.traces.dropped == 0

    asyncio.run(scenario())


def test_recorded_attempts_are_bounded_by_age(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with opened(tmp_path, max_attempts=100, max_age_ms=1_000) as store:
            store.traces.record([an_attempt(number, started_ms=number * 100) for number in range(1, 21)])
            assert [attempt.id for attempt in await store.traces.recent()] == list(range(20, 9, -1))

    asyncio.run(scenario())


def test_attempts_are_dropped_and_counted_when_too_many_wait(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with opened(tmp_path) as store:
            store.traces.record([an_attempt(number) for number in range(90_000)])
            store.traces.record([an_attempt(number) for number in range(20_000)])
            assert store.traces.dropped == 20_000
            assert len(await store.traces.recent(limit=100_000)) == 90_000
            store.traces.record([an_attempt(100_000)])
            assert (await store.traces.recent(limit=1))[0].id == 100_000

    asyncio.run(scenario())


def test_the_file_of_what_was_recorded_is_bounded(tmp_path: Path) -> None:
    async def scenario() -> None:
        most = 2 * 1024 * 1024
        async with opened(tmp_path, max_bytes=most, max_attempts=4_000) as store:
            for start in range(0, 4_000, 100):
                numbers = range(start + 1, start + 101)
                details: Details = [(number, (b"x" * 4_000,)) for number in numbers]
                attempts = [an_attempt(number, started_ms=number)._replace(batch=start) for number in numbers]
                store.traces.record(attempts, details)
                await store.traces.recent(limit=1)
            assert store.traces._pruning is not None
            await store.traces._pruning
            kept = [attempt.id for attempt in await store.traces.recent(limit=5_000)]
            assert kept[0] == 4_000, "the newest stay"
            assert len(kept) * 4_000 < most * 1.2
            assert set(await store.traces.details([1, kept[0]])) == {kept[0]}, "details go with their attempts"

    asyncio.run(scenario())
