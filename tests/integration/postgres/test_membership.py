"""Who may write, and who runs what, when several cores share a database."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable

import psycopg
import pytest

from motia_core.errors import DatabaseError, FencedError
from motia_core.store.postgres.membership import SLOTS
from tests.fakes.values import a_delivery
from tests.integration.postgres.conftest import Cores, freeze, membership, until

Scenario = Callable[[], Awaitable[None]]


def run(scenario: Scenario) -> None:
    asyncio.run(scenario())  # type: ignore[arg-type]  # a coroutine function


def rows(url: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchall()


def test_cores_have_shards_of_their_own_and_ids_that_never_meet(cores: Cores) -> None:
    async def scenario() -> None:
        async with cores.opened() as one, cores.opened() as other:
            shards = [store.cluster.shard for store in (one, other)]
            assert len({0, *shards}) == 3
            assert [list(store.cluster.shards) for store in (one, other)] == [[shard] for shard in shards]
            slots = {tuple({store.ids.next() % SLOTS for _ in range(100)}) for store in (one, other)}
            assert len(slots) == 2
            assert all(len(slot) == 1 for slot in slots)

    run(scenario)


def test_home_is_where_it_was_claimed_first(cores: Cores) -> None:
    async def scenario() -> None:
        async with cores.opened() as one:
            await one.cluster.claim_homes(["A", "B"])
            async with cores.opened() as other:
                await other.cluster.claim_homes(["B", "C"])
                assert [one.cluster.is_home(step) for step in "ABC"] == [True, True, False]
                assert [other.cluster.is_home(step) for step in "ABC"] == [False, False, True]

    run(scenario)


def test_core_that_leaves_hands_its_shards_and_homes_over(cores: Cores) -> None:
    async def scenario() -> None:
        changes = 0

        def changed() -> None:
            nonlocal changes
            changes += 1

        async with cores.opened() as heir:
            leaving = await cores.store()
            await leaving.cluster.claim_homes(["A", "B"])
            await heir.cluster.claim_homes(["A"])  # it does not have B
            heir.cluster.listen(lambda ids: None, changed, lambda topic: None)
            shard = leaving.cluster.shard
            await leaving.queue.enqueue([a_delivery(1, shard=shard)])
            before = changes
            await leaving.close()
            await until(lambda: shard in heir.cluster.shards)
            assert [heir.cluster.is_home(step) for step in "AB"] == [True, False]
            assert changes > before

    run(scenario)


def test_shard_with_nothing_left_is_gone(cores: Cores) -> None:
    async def scenario() -> None:
        async with cores.opened() as one:
            other = await cores.store()
            await other.close()
            assert list(one.cluster.shards) == [one.cluster.shard]
            assert rows(cores.url, "SELECT shard FROM shards") == [(one.cluster.shard,)]
        assert rows(cores.url, "SELECT (SELECT count(*) FROM shards) + (SELECT count(*) FROM cores)") == [(0,)]

    run(scenario)


def test_what_nobody_could_take_belongs_to_the_next_that_joins(cores: Cores) -> None:
    async def scenario() -> None:
        alone = await cores.store()
        shard = alone.cluster.shard
        await alone.queue.enqueue([a_delivery(1, shard=shard)])
        await alone.close()
        async with cores.opened() as following:
            assert shard in following.cluster.shards
            assert following.cluster.shard != shard

    run(scenario)


def test_silent_core_is_declared_dead_and_writes_nothing_more(cores: Cores) -> None:
    async def scenario() -> None:
        async with cores.opened() as living:
            silent = await cores.store()
            shard = silent.cluster.shard
            await silent.cluster.claim_homes(["A"])
            await living.cluster.claim_homes(["A"])
            await silent.queue.enqueue([a_delivery(1, shard=shard)])
            freeze(silent)
            await until(lambda: shard in living.cluster.shards)
            assert living.cluster.is_home("A")
            with pytest.raises(FencedError):
                await silent.queue.enqueue([a_delivery(2, shard=shard)])
            with pytest.raises(FencedError):
                await silent.queue.complete(a_delivery(1, shard=shard))
            await asyncio.wait_for(silent.fenced.wait(), 5)
            found = await living.queue.read_due("Work", [shard], after=(-1, 0), limit=10)
            assert [delivery.id for delivery in found] == [1]
            await silent.close()
            assert not living.fenced.is_set()

    run(scenario)


def test_living_core_is_never_declared_dead(cores: Cores) -> None:
    async def scenario() -> None:
        async with cores.opened() as one, cores.opened() as other:
            for number in range(1, 60):
                await one.queue.enqueue([a_delivery(number, shard=one.cluster.shard)])
                await other.queue.enqueue([a_delivery(1000 + number, shard=other.cluster.shard)])
                await asyncio.sleep(0.02)
            assert not one.fenced.is_set()
            assert not other.fenced.is_set()

    run(scenario)


def test_cores_tell_each_other(cores: Cores) -> None:
    async def scenario() -> None:
        heard: list[int] = []
        topics: list[str] = []
        async with cores.opened() as one, cores.opened() as other:
            one.cluster.listen(heard.extend, lambda: None, topics.append)
            told: list[int] = []
            other.cluster.listen(told.extend, lambda: None, lambda topic: None)
            await asyncio.sleep(0.1)  # both listen
            many = [a_delivery(number) for number in range(1, 1001)]
            await asyncio.gather(*(other.cluster.tell([delivery]) for delivery in many))
            await other.cluster.tell(many)
            await other.cluster.announce("approved ü")
            await until(lambda: topics and len(heard) == 2000)
            assert sorted(heard) == sorted(2 * list(range(1, 1001)))
            assert topics == ["approved ü"]
            assert told == []

    run(scenario)


def test_no_more_cores_than_ids_can_tell_apart(cores: Cores) -> None:
    async def scenario() -> None:
        async with cores.opened():
            with psycopg.connect(cores.url, autocommit=True) as connection:
                connection.execute(f"INSERT INTO cores SELECT n, 9e15 FROM generate_series(2, {SLOTS}) AS s (n)")
            with pytest.raises(DatabaseError, match="32 cores share the database"):
                await cores.store()

    run(scenario)


def test_payload_of_another_program_does_no_harm(cores: Cores) -> None:
    async def scenario() -> None:
        heard: list[int] = []
        async with cores.opened() as one, cores.opened() as other:
            one.cluster.listen(heard.extend, lambda: None, lambda topic: None)
            await asyncio.sleep(0.1)
            with psycopg.connect(cores.url, autocommit=True) as connection:
                for payload in (
                    "",
                    "not json",
                    "[]",
                    "7",
                    json.dumps({"from": 99}),
                    json.dumps({"from": 99, "stored": 7}),
                    json.dumps({"topic": 7}),
                ):
                    connection.execute("SELECT pg_notify('motia_core', %s)", (payload,))
            await other.cluster.tell([a_delivery(5)])
            await until(lambda: heard == [5])
            assert all(not task.done() for task in membership(one)._tasks)

    run(scenario)
